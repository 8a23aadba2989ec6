import { CONFIGURED, HEARSAY, SOURCE } from '../pipeline/sources.ts'
import type { KnownSource } from '../pipeline/sources.ts'

export { SOURCE } from '../pipeline/sources.ts'
export type { BySource, KnownSource, Source } from '../pipeline/sources.ts'

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
