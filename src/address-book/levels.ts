import { rankOf, trustOf } from '../pipeline/trust.ts'
import type { PeerEntry } from './entry.ts'
import type { PlacedSources } from '../pipeline/trust.ts'

/**
 * Why a peer is known, the weakest reason first. When the book is full, a peer is evicted only for another of its own level or a
 * higher one:
 *
 * - `heard`: other peers said that there is one
 * - `told`: the peer itself, the local network or the application named an address, or a program wrote it to the peer store
 * - `met`: this node was connected to it
 * - `configured`: the user or the configuration named it, for good
 * - `kept`: it is connected, or pinned
 */
export const LEVELS = ['heard', 'told', 'met', 'configured', 'kept'] as const

export type Level = typeof LEVELS[number]

const [INDIRECT, DIALLED, CONFIGURED] = [rankOf('indirect'), rankOf('dialled'), rankOf('configured')]

/** Returns the level of a peer of which one source says something, as an index of `LEVELS` */
function rankOfReport (source: string, expires: number, placed?: PlacedSources): number {
  const trust = trustOf(source, placed)

  if (trust === CONFIGURED && expires === Infinity) {
    return 3
  }

  return trust === DIALLED ? 2 : trust > INDIRECT ? 1 : 0
}

/** Returns the level of a peer of which one source says something */
export function levelOfReport (source: string, expires: number, placed?: PlacedSources): Level {
  return LEVELS[rankOfReport(source, expires, placed)] ?? 'heard'
}

/** Returns the level of a peer: the highest of all that is said of it */
export function levelOfPeer ({ addresses, holds }: PeerEntry, isConnected: boolean, placed?: PlacedSources): Level {
  if (isConnected || holds.length > 0) {
    return 'kept'
  }

  let highest = 0

  for (const { evidence } of addresses) {
    for (const { source, expires } of evidence) {
      highest = Math.max(highest, rankOfReport(source, expires, placed))
    }
  }

  return LEVELS[highest] ?? 'heard'
}
