import { InvalidMultiaddrError, InvalidParametersError, isPeerId } from '@libp2p/interface'
import { isMultiaddr, multiaddr as toMultiaddr } from '@multiformats/multiaddr'
import { PEER_ID } from '@multiformats/multiaddr-matcher'
import { decodePeerId, isCanonical } from '../../address/peer-id.ts'
import { dialSourceIn, markAddress, markOf } from '../../pipeline/address-marks.ts'
import { candidate, peerIn } from '../../pipeline/candidate.ts'
import { checkValue } from '../../pipeline/check-options.ts'
import { describeValue, ignoreRejections } from '../../pipeline/describe-value.ts'
import { CLAIMED_SOURCE } from '../../pipeline/source-kinds.ts'
import { isOfRelay } from '../attempts/nested.ts'
import type { OuterAttempt } from '../attempts/nested.ts'
import type { DialAddressBook, DialPipelineOptions } from '../../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** That of @libp2p/interface, which has no name for it before 3.2 */
export type DialTarget = PeerId | Multiaddr | Multiaddr[]

/** What a caller wants to be connected to */
export class ParsedTarget {
  /** The peer, as text */
  readonly peer?: string
  /** Without those that say no more than the peer id */
  readonly multiaddrs: Multiaddr[]
  readonly #given?: PeerId
  #peerId?: PeerId
  #ids?: ReadonlySet<string>

  constructor (multiaddrs: Multiaddr[], peer?: string, given?: PeerId, parsed = given) {
    this.multiaddrs = multiaddrs
    this.peer = peer
    this.#given = given
    this.#peerId = parsed
  }

  /** That of the caller, or made when it is first asked for */
  get peerId (): PeerId | undefined {
    return (this.#peerId ??= this.peer == null ? undefined : decodePeerId(this.peer))
  }

  /** The identities of the addresses, as candidates have them */
  get ids (): ReadonlySet<string> {
    return (this.#ids ??= new Set(this.multiaddrs.map(one => candidate(one, this.peerId).id)))
  }

  /** Returns the same with other addresses */
  with (multiaddrs: Multiaddr[]): ParsedTarget {
    return new ParsedTarget(multiaddrs, this.peer, this.#given, this.#peerId)
  }

  /** Forgets what can be made again: a peer id that is made of text is as large as all else of a waiting dial */
  shrink (): void {
    this.#peerId = this.#given
  }
}

/**
 * What a caller wants to be connected to
 *
 * @throws InvalidParametersError for a string, and for addresses of several peers or of a peer and of nobody
 * @throws InvalidMultiaddrError for what is neither a peer id nor a multiaddr
 */
export function parseTarget (target: DialTarget): ParsedTarget {
  if (isPeerId(target)) {
    return new ParsedTarget([], target.toString(), target)
  }

  // a copy of its very length: `filter()` makes room for twice as many, in each dial that waits
  const given = Array.isArray(target) ? [...target] : [target]
  let peer: string | undefined
  let isOfOthers = false
  let isBare = false

  given.forEach((multiaddr, i) => {
    const components = checked(multiaddr, target).getComponents()
    const its = peerIn(components)
    isOfOthers ||= i > 0 && its !== peer
    isBare ||= components.length <= 1
    peer = its
  })

  if (isOfOthers) {
    throw new InvalidParametersError('Multiaddrs must all have the same peer id or have no peer id')
  }

  const multiaddrs = isBare ? given.filter(one => !PEER_ID.exactMatch(one)) : given

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

/** How DCUtR dials, in every version of libp2p. Nobody else asks for the part of the responder */
const DCUTR = { force: true, initiator: false, priority: 100 }

/**
 * Returns the source that the caller of a dial, or the service that dials, claims for its addresses
 *
 * @throws InvalidParametersError for what is not a name, a misspelt source, and one that nobody can claim
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
 * Says which sources the addresses of a caller have, where that is not the user: the one that is claimed for them, or those that the
 * node knows of an address which it has handed out itself
 */
export function sourceAddresses ({ multiaddrs, peer }: ParsedTarget, claimed: string | undefined, options: DialPipelineOptions, addressBook: DialAddressBook | undefined): void {
  const ofCaller = claimed ?? (isDcutr(options) ? 'dcutr' : undefined)

  multiaddrs.forEach((one, i) => {
    const reports = ofCaller == null ? addressBook?.reportsOf?.(one, peer) : { provenance: [{ source: ofCaller }] }

    // what an earlier dial has marked holds for that dial, and the object may be dialled again by somebody else
    if (reports != null) {
      multiaddrs[i] = markAddress(toMultiaddr(one.bytes), reports)
    } else if (markOf(one) != null) {
      multiaddrs[i] = toMultiaddr(one.bytes)
    }
  })
}

function isDcutr ({ force, initiator, priority }: DialPipelineOptions): boolean {
  return force === DCUTR.force && initiator === DCUTR.initiator && priority === DCUTR.priority
}

const CIRCUIT = '/p2p-circuit'

/** The mark of an address that a transport dials beside the one that it was given */
const DERIVED = { provenance: [{ source: 'derived' }] }

/**
 * Says who vouches for the addresses of a dial that a transport asks for: for the relay's address within the address of the
 * attempt, whoever vouches for that. Adds the relay's address where the transport asks for the relay by its peer id
 */
export function vouchForAddresses (requested: ParsedTarget, attempt: OuterAttempt): void {
  const { multiaddrs, peer } = requested
  const { candidate: { provenance, isCertified } } = attempt
  const inside = isOfRelay(attempt, peer) ? relayAddressOf(attempt.multiaddr) : undefined
  const vouched = { provenance, isCertified, isVouched: true }

  multiaddrs.forEach((one, i) => {
    // the object may be the caller's
    multiaddrs[i] = markAddress(toMultiaddr(one.bytes), one.equals(inside ?? one) && inside != null ? vouched : DERIVED)
  })

  if (inside != null && !multiaddrs.some(one => one.equals(inside))) {
    multiaddrs.push(markAddress(inside, { ...vouched, isImplied: multiaddrs.length === 0 }))
  }
}

/** The part before the circuit; undefined where that is no more than a peer id */
function relayAddressOf (multiaddr: Multiaddr): Multiaddr | undefined {
  const relay = toMultiaddr(multiaddr.toString().split(CIRCUIT)[0])

  return relay.getComponents().length > 1 ? relay : undefined
}
