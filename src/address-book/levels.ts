import { rankOf, trustOf } from '../pipeline/trust.ts'
import type { PeerEntry } from './entry.ts'
import type { PlacedSources } from '../pipeline/trust.ts'

/**
 * Why a peer is known, the weakest reason first. When the book is full, a peer is evicted only for another of its own level or a
 * higher one:
 *
 * - `heard`: other peers said that there is one
 * - `surplus`: the user or the configuration named it for a time, as a program that writes to the peer store, or half of the book is full
 *   of peers that they named for good
 * - `told`: the local network or the application named an address
 * - `self`: the peer itself named an address, in a signed record or over a connection
 * - `met`: this node was connected to it
 * - `configured`: the user or the configuration named it, for good
 * - `kept`: it is connected, or pinned
 */
export const LEVEL = { heard: 0, surplus: 1, told: 2, self: 3, met: 4, configured: 5, kept: 6 }

const [INDIRECT, LOCAL, DIALLED, CONFIGURED] = [rankOf('indirect'), rankOf('local'), rankOf('dialled'), rankOf('configured')]

/** Returns the level of a peer of which one source says something */
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
 * Returns the level of a peer: the highest of all that is said of it
 *
 * @param configured - the level of a peer that the user or the configuration named for good
 */
export function levelOfPeer ({ addresses, holds }: PeerEntry, isConnected: boolean, placed?: PlacedSources, configured = LEVEL.configured): number {
  if (isConnected || holds.length > 0) {
    return LEVEL.kept
  }

  let highest = LEVEL.heard

  for (const { evidence } of addresses) {
    for (const { source, expires } of evidence) {
      const level = levelOfReport(source, expires, placed)
      highest = Math.max(highest, level === LEVEL.configured ? configured : level)
    }
  }

  return highest
}
