import type { BySource, KnownSource } from '../pipeline/sources.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** The TTL of an unknown source, in milliseconds, like go-libp2p's TempAddrTTL */
const UNKNOWN_TTL = 2 * MINUTE

/**
 * The TTLs of reports by source, in milliseconds. `dht` and `pubsub` have go-libp2p's TempAddrTTL, reports of the peer itself its AddressTTL, and
 * dialled addresses nim-libp2p's high confidence
 */
const TTL = new Map<string, number>(Object.entries({
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
} satisfies Partial<Record<KnownSource, number>>))

/** The TTL of addresses that the application writes to the peer store, in milliseconds: the peer store expires them as soon */
export const PEER_STORE_TTL = HOUR

/** The minimum TTL of hearsay after a successful dial of its address */
export const USED_TTL = 15 * MINUTE

/** The maximum TTL when the last connection to a peer has closed */
export const DISCONNECT_TTL = 10 * MINUTE

/** The TTL of the sequence number of a removed record, so that an older record cannot replace it */
export const SEQ_FLOOR_TTL = 24 * HOUR

/** TTLs in milliseconds by source, instead of the defaults */
export type TtlInit = BySource<number>

export function ttlOf (source: string, given: TtlInit = {}): number {
  // an application may name a source after a property that every object has, such as `constructor`
  return (Object.hasOwn(given, source) ? given[source] : undefined) ?? TTL.get(source) ?? UNKNOWN_TTL
}
