import { InvalidMultiaddrError, InvalidParametersError, isPeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { isMultiaddr } from '@multiformats/multiaddr'
import { PEER_ID } from '@multiformats/multiaddr-matcher'
import { peerOf } from '../pipeline/candidate.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** That of @libp2p/interface, which has no name for it before 3.2 */
export type DialTarget = PeerId | Multiaddr | Multiaddr[]

export interface ParsedTarget {
  peerId?: PeerId
  /** Without those that say no more than the peer id */
  multiaddrs: Multiaddr[]
}

/**
 * What a caller wants to be connected to
 *
 * @throws InvalidParametersError for a string, and for addresses of several peers or of a peer and of nobody
 * @throws InvalidMultiaddrError for what is neither a peer id nor a multiaddr
 */
export function parseTarget (target: DialTarget): ParsedTarget {
  if (isPeerId(target)) {
    return { peerId: target, multiaddrs: [] }
  }

  const multiaddrs = Array.isArray(target) ? target : [target]
  const peers = new Set(multiaddrs.map(multiaddr => peerOf(checked(multiaddr))))

  if (peers.size > 1) {
    throw new InvalidParametersError('Multiaddrs must all have the same peer id or have no peer id')
  }

  const [peer] = peers

  return {
    peerId: peer == null ? undefined : peerIdFromString(peer),
    multiaddrs: multiaddrs.filter(multiaddr => multiaddr.getComponents().length > 1 || !PEER_ID.exactMatch(multiaddr))
  }
}

function checked (multiaddr: unknown): Multiaddr {
  if (typeof multiaddr === 'string') {
    throw new InvalidParametersError(`Cannot dial the string "${multiaddr}": make it a multiaddr with multiaddr(), or a peer id with peerIdFromString()`)
  }

  if (!isMultiaddr(multiaddr)) {
    throw new InvalidMultiaddrError(`Cannot dial ${String(multiaddr)}: it is neither a peer id nor a multiaddr`)
  }

  return multiaddr
}
