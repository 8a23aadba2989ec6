import { InvalidMultiaddrError, InvalidParametersError, isPeerId } from '@libp2p/interface'
import { isMultiaddr } from '@multiformats/multiaddr'
import { PEER_ID } from '@multiformats/multiaddr-matcher'
import { decodePeerId } from '../../address/peer-id.ts'
import { candidate, peerIn } from '../../pipeline/candidate.ts'
import { describeValue, ignoreRejections } from '../../pipeline/describe-value.ts'
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

/** One can also be written as a CID */
function isCanonical (peer: string): boolean {
  return peer.startsWith('1') || peer.startsWith('Q')
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
