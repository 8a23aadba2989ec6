import { InvalidMultiaddrError, InvalidParametersError, isPeerId } from '@libp2p/interface'
import { isMultiaddr, multiaddr as toMultiaddr } from '@multiformats/multiaddr'
import { PEER_ID } from '@multiformats/multiaddr-matcher'
import { decodePeerId, isCanonical } from '../../address/peer-id.ts'
import { dialSourceIn, markAddress, markOf } from '../../pipeline/runtime/live-target.ts'
import { candidate, peerIn } from '../../pipeline/candidate.ts'
import { checkValue } from '../../pipeline/check-options.ts'
import { describeValue, ignoreRejections } from '../../pipeline/describe-value.ts'
import { CLAIMED_SOURCE } from '../../pipeline/source-kinds.ts'
import { isOfRelay } from '../attempts/nested.ts'
import type { OuterAttempt } from '../attempts/nested.ts'
import type { DialAddressBook, DialPipelineOptions } from '../../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The same as in @libp2p/interface, which exports no such type before 3.2 */
export type DialTarget = PeerId | Multiaddr | Multiaddr[]

/** The target of a caller, parsed */
export class ParsedTarget {
  /** The peer id as text */
  readonly peer?: string
  /** The addresses, except those that are only a peer id */
  readonly multiaddrs: Multiaddr[]
  readonly #callersPeerId?: PeerId
  #peerId?: PeerId
  #ids?: ReadonlySet<string>

  constructor (multiaddrs: Multiaddr[], peer?: string, callersPeerId?: PeerId, parsed = callersPeerId) {
    this.multiaddrs = multiaddrs
    this.peer = peer
    this.#callersPeerId = callersPeerId
    this.#peerId = parsed
  }

  /** The caller's own peer id object, else one that is created on the first read */
  get peerId (): PeerId | undefined {
    return (this.#peerId ??= this.peer == null ? undefined : decodePeerId(this.peer))
  }

  /** The ids of the addresses, as candidates have them */
  get ids (): ReadonlySet<string> {
    return (this.#ids ??= new Set(this.multiaddrs.map(one => candidate(one, this.peerId).id)))
  }

  /** Returns a copy with other addresses */
  with (multiaddrs: Multiaddr[]): ParsedTarget {
    return new ParsedTarget(multiaddrs, this.peer, this.#callersPeerId, this.#peerId)
  }

  /** Drops a peer id that can be created again: it takes as much memory as the rest of a queued dial */
  shrink (): void {
    this.#peerId = this.#callersPeerId
  }
}

/**
 * Parses the target of a caller
 *
 * @throws InvalidParametersError for a string, for addresses of several peers, and for addresses with and without a peer id
 * @throws InvalidMultiaddrError for a value that is neither a peer id nor a multiaddr
 */
export function parseTarget (target: DialTarget): ParsedTarget {
  if (isPeerId(target)) {
    return new ParsedTarget([], target.toString(), target)
  }

  // copied to its exact length: `filter()` allocates twice as much, in each queued dial
  const addresses = Array.isArray(target) ? [...target] : [target]
  let peer: string | undefined
  let isOfOthers = false
  let isBare = false

  addresses.forEach((multiaddr, i) => {
    const components = checked(multiaddr, target).getComponents()
    const addressPeer = peerIn(components)
    isOfOthers ||= i > 0 && addressPeer !== peer
    isBare ||= components.length <= 1
    peer = addressPeer
  })

  if (isOfOthers) {
    throw new InvalidParametersError('Multiaddrs must all have the same peer id or have no peer id')
  }

  const multiaddrs = isBare ? addresses.filter(one => !PEER_ID.exactMatch(one)) : addresses

  return new ParsedTarget(multiaddrs, peer == null || isCanonical(peer) ? peer : decodePeerId(peer).toString())
}

function checked (multiaddr: unknown, target: unknown): Multiaddr {
  if (typeof multiaddr === 'string') {
    throw new InvalidParametersError(`Cannot dial the string "${multiaddr}": make it a multiaddr with multiaddr(), or a peer id with peerIdFromString()`)
  }

  if (!isMultiaddr(multiaddr)) {
    ignoreRejections(target)
    throw new InvalidMultiaddrError(`Cannot dial ${describeValue(multiaddr)}: it is neither a peer id nor a multiaddr`)
  }

  return multiaddr
}

/**
 * Returns the source that the caller, or the service that dials, claims for its addresses
 *
 * @throws InvalidParametersError for a value that is not a string, a misspelt source, and a source that cannot be claimed
 */
export function claimedSource (options: DialPipelineOptions): string | undefined {
  const { source = dialSourceIn(options) } = options as { source?: unknown }

  if (source === undefined) {
    return
  }

  checkValue('The dial option "source"', source, CLAIMED_SOURCE, InvalidParametersError)

  return source as string
}

/**
 * Marks the caller's addresses whose source is not `user`: with the claimed source, or with the reports of an address that the node
 * itself has handed out
 */
export function sourceAddresses ({ multiaddrs, peer }: ParsedTarget, claimed: string | undefined, options: DialPipelineOptions, addressBook: DialAddressBook | undefined): void {
  const ofCaller = claimed ?? (isDcutr(options) ? 'dcutr' : undefined)

  multiaddrs.forEach((one, i) => {
    const reports = ofCaller == null ? addressBook?.reportsOf?.(one, peer) : { provenance: [{ source: ofCaller }] }

    // the mark of an earlier dial is removed: other code may dial the same object again
    if (reports != null) {
      multiaddrs[i] = markAddress(toMultiaddr(one.bytes), reports)
    } else if (markOf(one) != null) {
      multiaddrs[i] = toMultiaddr(one.bytes)
    }
  })
}

/**
 * Returns whether DCUtR dials, on the side that starts it: with these options in every libp2p version. No other code asks to be the responder.
 * DCUtR's other dials have options that an application may use
 */
function isDcutr ({ force, initiator, priority }: DialPipelineOptions): boolean {
  return force === true && initiator === false && priority === 100
}

/** The mark of an address that a transport dials in addition to the one it got */
const DERIVED = { provenance: [Object.freeze({ source: 'derived' })] }

/**
 * Marks the addresses of a nested dial. The relay's address inside the attempt's address gets the reports of that address, and is added
 * when the transport asks for the relay by peer id only
 */
export function vouchForAddresses (requested: ParsedTarget, attempt: OuterAttempt): void {
  const { multiaddrs, peer } = requested
  const { candidate: { provenance, isCertified } } = attempt
  const inside = isOfRelay(attempt, peer) ? relayAddressOf(attempt.multiaddr) : undefined
  const vouched = { provenance, isCertified, isVouched: true }

  multiaddrs.forEach((one, i) => {
    // the address is copied, because the object may be the caller's
    multiaddrs[i] = markAddress(toMultiaddr(one.bytes), one.equals(inside ?? one) && inside != null ? vouched : DERIVED)
  })

  if (inside != null && !multiaddrs.some(one => one.equals(inside))) {
    multiaddrs.push(markAddress(inside, { ...vouched, isImplied: multiaddrs.length === 0 }))
  }
}

/** Returns the part before `/p2p-circuit`. Undefined when that is only a peer id */
function relayAddressOf (multiaddr: Multiaddr): Multiaddr | undefined {
  const relay = toMultiaddr(multiaddr.toString().split('/p2p-circuit')[0])

  return relay.getComponents().length > 1 ? relay : undefined
}
