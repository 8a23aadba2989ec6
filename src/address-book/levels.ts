import { rankOf, trustOf } from '../pipeline/trust.ts'
import type { PeerEntry } from './entry.ts'
import type { PlacedSources } from '../pipeline/trust.ts'

/**
 * The levels of peers, lowest first, by the best reason to know them. When the book is full, a peer is only evicted for another of the same level or
 * a higher one:
 *
 * - `heard`: other peers reported it
 * - `surplus`: the user or the configuration named it with a TTL, or half of the book is full of peers that they named without one
 * - `told`: the local network or the application reported an address
 * - `self`: the peer itself reported an address, in a signed record or over a connection
 * - `met`: this node was connected to it
 * - `configured`: the user or the configuration named it without a TTL
 * - `kept`: it is connected, or pinned
 */
export const LEVEL = { heard: 0, surplus: 1, told: 2, self: 3, met: 4, configured: 5, kept: 6 }

const [INDIRECT, LOCAL, DIALLED, CONFIGURED] = [rankOf('indirect'), rankOf('local'), rankOf('dialled'), rankOf('configured')]

/** Returns the level of a peer with one report */
export function levelOfReport (source: string, expires: number, placed?: PlacedSources): number {
  const trust = trustOf(source, placed)

  if (trust === CONFIGURED) {
    return expires === Infinity ? LEVEL.configured : LEVEL.surplus
  }

  if (trust > LOCAL) {
    return trust === DIALLED ? LEVEL.met : LEVEL.self
  }

  return trust > INDIRECT ? LEVEL.told : LEVEL.heard
}

/**
 * Returns the level of a peer, the highest of its reports
 *
 * @param configured - the level of a peer that the user or the configuration named without a TTL
 */
export function levelOfPeer ({ addresses, pins }: PeerEntry, isConnected: boolean, placed?: PlacedSources, configured = LEVEL.configured): number {
  if (isConnected || pins.length > 0) {
    return LEVEL.kept
  }

  let highest = LEVEL.heard

  for (const { reports } of addresses) {
    for (const { source, expires } of reports) {
      const level = levelOfReport(source, expires, placed)
      highest = Math.max(highest, level === LEVEL.configured ? configured : level)
    }
  }

  return highest
}
