import { multiaddr } from '@multiformats/multiaddr'
import { newPeer } from '../helpers/signing-peer.ts'
import { connects, learning, MINUTE, silent, to } from './learning.ts'
import type { History } from '../../src/history/history.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

export const peers = await Promise.all(Array.from({ length: 10 }, newPeer))
export const stranger = await newPeer()
export const addresses = peers.map((peer, n) => to(`/ip6/2a01:${n + 1}::1/udp/1/quic-v1`, peer))
export const [first, second, third, fourth] = addresses as [Candidate, Candidate, Candidate, Candidate]
/** Returns a connection that a peer has begun */
export const inbound = (address: string): any => ({ direction: 'inbound', remoteAddr: multiaddr(address) })

/** Returns all that a history answers about the peers */
export function everything (history: History): unknown {
  return [
    addresses.map(one => [history.estimate(one), history.failures(one)]),
    peers.map(peer => history.online(peer)),
    [history.path('udp'), history.path('ip6')]
  ]
}

/** Returns the number of addresses with failures */
export function known (history: History, candidates: readonly Candidate[] = addresses): number {
  return candidates.filter(one => history.failures(one) != null).length
}

export interface Scene extends ReturnType<typeof learning> {
  /** Estimates before the outage */
  before: unknown
}

/** Creates a node that has dialled its peers, and then had no activity for an hour */
export async function scene (): Promise<Scene> {
  const made = learning()
  addresses.slice(0, 8).forEach(one => { made.attempt(one, connects) })
  made.attempt(fourth, silent)
  made.history.unreachable(peers[3] as PeerId)
  await made.clock.advance(60 * MINUTE)
  made.history.connected(stranger)
  await made.clock.advance(10_000)

  return { ...made, before: everything(made.history) }
}
