import type { BySource, KnownSource } from '../pipeline/sources.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** The TTL of an unknown source, in milliseconds, like go-libp2p's TempAddrTTL */
const UNKNOWN_TTL = 2 * MINUTE

/**
 * The TTLs of reports by source, in milliseconds. Hearsay has go-libp2p's TempAddrTTL, reports of the peer itself its AddressTTL, and dialled
 * addresses nim-libp2p's high confidence
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

/** The TTL of addresses that the application writes to the peer store, in milliseconds: the peer store expires them as soon */
export const PEER_STORE_TTL = HOUR

/** The TTL of hearsay after a successful dial */
export const USED_TTL = 15 * MINUTE

/** The maximum TTL when the last connection to a peer has closed */
export const DISCONNECT_TTL = 10 * MINUTE

/** The TTL of the sequence number of a removed record, so that an older record cannot replace it */
export const SEQ_FLOOR_TTL = 24 * HOUR

/** TTLs in milliseconds by source, instead of the defaults */
export type TtlInit = BySource<number>

export function ttlOf (source: string, given: TtlInit = {}): number {
  return given[source] ?? (TTL as TtlInit)[source] ?? UNKNOWN_TTL
}
