import { rankOf, trustOf } from '../pipeline/trust.ts'
import type { PeerEntry } from './entry.ts'
import type { PlacedSources } from '../pipeline/trust.ts'

/**
 * The levels of peers, lowest first, by the best reason to know them. When the book is full, a peer is only evicted for another of the same level or
 * a higher one:
 *
 * - `hearsay`: no source above the trust level `indirect` reported it: only other peers did, or the peer has connected to this node
 * - `surplus`: the user or the configuration named it with a TTL, or half of the book is full of peers that they named without one
 * - `reported`: the local network or the application reported an address
 * - `selfReported`: the peer itself reported an address, in a signed record or over a connection
 * - `connectedBefore`: this node was connected to it
 * - `configured`: the user or the configuration named it without a TTL
 * - `inUse`: it is connected, or pinned
 */
export const LEVEL = { hearsay: 0, surplus: 1, reported: 2, selfReported: 3, connectedBefore: 4, configured: 5, inUse: 6 }

const [INDIRECT, LOCAL, DIALLED, CONFIGURED] = [rankOf('indirect'), rankOf('local'), rankOf('dialled'), rankOf('configured')]

export function levelOfReport (source: string, expires: number, placed?: PlacedSources): number {
  const trust = trustOf(source, placed)

  if (trust === CONFIGURED) {
    return expires === Infinity ? LEVEL.configured : LEVEL.surplus
  }

  if (trust > LOCAL) {
    return trust === DIALLED ? LEVEL.connectedBefore : LEVEL.selfReported
  }

  return trust > INDIRECT ? LEVEL.reported : LEVEL.hearsay
}

/**
 * Returns the level of a peer, the highest of its reports
 *
 * @param configured the level of a peer that the user or the configuration named without a TTL
 */
export function levelOfPeer ({ addresses, pins }: PeerEntry, isConnected: boolean, placed?: PlacedSources, configured = LEVEL.configured): number {
  if (isConnected || pins.length > 0) {
    return LEVEL.inUse
  }

  let highest = LEVEL.hearsay

  for (const { reports } of addresses) {
    for (const { source, expires } of reports) {
      const level = levelOfReport(source, expires, placed)
      highest = Math.max(highest, level === LEVEL.configured ? configured : level)
    }
  }

  return highest
}
