import { isConfigured, rankOf, trustOf } from '../pipeline/trust.ts'
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

const INDIRECT = rankOf('indirect')

/** Returns the level of a peer of which one source says something */
export function levelOfReport (source: string, expires: number, placed?: PlacedSources): Level {
  if (source === 'dialled') {
    return 'met'
  }

  if (isConfigured(source, placed) && expires === Infinity) {
    return 'configured'
  }

  return trustOf(source, placed) > INDIRECT ? 'told' : 'heard'
}

/** Returns the level of a peer: the highest of all that is said of it */
export function levelOfPeer ({ addresses, holds }: PeerEntry, isConnected: boolean, placed?: PlacedSources): Level {
  if (isConnected || holds.length > 0) {
    return 'kept'
  }

  let highest = 0

  for (const { evidence } of addresses) {
    for (const { source, expires } of evidence) {
      highest = Math.max(highest, LEVELS.indexOf(levelOfReport(source, expires, placed)))
    }
  }

  return LEVELS[highest] ?? 'heard'
}
