import { CONFIGURED, HEARSAY } from '../pipeline/sources.ts'

/** Who can stand for an address. Any other string is a source as well: one that counts least */
export const SOURCE = {
  /** The user gave it */
  user: 'user',
  /** In a record that the peer signed */
  certified: 'certified',
  /** The peer said it over a connection, unsigned */
  identify: 'identify',
  dht: 'dht',
  /** A peer router or content router */
  routing: 'routing',
  /** In the node's configuration */
  bootstrap: 'bootstrap',
  mdns: 'mdns',
  /** A peer exchange */
  pubsub: 'pubsub',
  /** This node connected to the peer there */
  dialled: 'dialled',
  /** The peer connected from there */
  observed: 'observed',
  /** Made of another address: a child of a dnsaddr, the relay of a circuit */
  derived: 'derived'
} as const

export type KnownSource = keyof typeof SOURCE

export type Source = KnownSource | (string & {})

const WEAKEST_FIRST: readonly string[] = [
  'pubsub', 'derived', 'observed', 'dht', 'routing', 'mdns', 'identify', 'bootstrap', 'certified', 'dialled', 'user'
] satisfies KnownSource[]

const ranks = new Map(WEAKEST_FIRST.map((source, rank) => [source, rank]))

/** The higher, the later its addresses make place for others */
export function rankOf (source: string): number {
  return ranks.get(source) ?? 0
}

/** By hand or in the configuration: only a user takes it back */
export function isUserGiven (source: string): boolean {
  return CONFIGURED.includes(source)
}

/** A connected peer that has not taken it back still says so */
export function isOwnWord (source: string): boolean {
  return source === SOURCE.identify || source === SOURCE.certified
}

/** Nobody stands for what it says, and it knows nothing of this machine and its network */
export function isHearsay (source: string): boolean {
  return (HEARSAY as readonly string[]).includes(source)
}
