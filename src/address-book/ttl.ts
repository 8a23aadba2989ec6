import type { BySource, KnownSource } from '../pipeline/sources.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Of a source that nothing is known of, in milliseconds: as long as go-libp2p's TempAddrTTL */
const UNKNOWN_TTL = 2 * MINUTE

/**
 * How long evidence counts after it was last given, in milliseconds. What strangers say counts as long as go-libp2p's
 * TempAddrTTL, what the peer says as its AddressTTL, what was dialled as nim-libp2p's high confidence.
 */
const TTL: Readonly<Partial<Record<KnownSource, number>>> = {
  user: Infinity,
  bootstrap: Infinity,
  dialled: 24 * HOUR,
  certified: HOUR,
  identify: HOUR,
  routing: 15 * MINUTE,
  observed: 15 * MINUTE,
  mdns: 2 * MINUTE,
  dht: 2 * MINUTE,
  pubsub: 2 * MINUTE,
  derived: 2 * MINUTE
}

/** Of what a program writes to the peer store, in milliseconds: the peer store itself forgets an address as soon */
export const PEER_STORE_TTL = HOUR

/** What was merely heard counts this long once it was used in a dial */
export const USED_TTL = 15 * MINUTE

/** What remains of the time of an address when the last connection to its peer ends */
export const DISCONNECT_TTL = 10 * MINUTE

/** How long a seq counts when its record is gone, so that an older record cannot take its place */
export const SEQ_FLOOR_TTL = 24 * HOUR

/** Milliseconds by source, where a book is given others than the usual */
export type TtlInit = BySource<number>

export function ttlOf (source: string, given: TtlInit = {}): number {
  return given[source] ?? (TTL as TtlInit)[source] ?? UNKNOWN_TTL
}
