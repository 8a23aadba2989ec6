import { namedBy } from './named-by.ts'
import type { Attestation } from './flow.ts'
import type { BySource, KnownSource } from './sources.ts'

/** How much the word of a source is worth, the least first */
export const TRUST_LEVELS = ['unknown', 'hearsay', 'indirect', 'application', 'local', 'identify', 'dialled', 'certified', 'configured'] as const

/**
 * How much the word of a source is worth, the most first:
 *
 * - `configured`: the user or the configuration of the node
 * - `certified`: in a record that the peer signed
 * - `dialled`: this node was connected to the peer there
 * - `identify`: the peer said it over a connection
 * - `local`: discovery in the local network
 * - `application`: any source that this package does not know
 * - `indirect`: made of another address, or seen from outside
 * - `hearsay`: another peer said it, and nobody can check that
 * - `unknown`: nobody knows who said it
 */
export type TrustLevel = typeof TRUST_LEVELS[number]

/** A level that a source can be given. A record and a connection prove the other two */
export type PlacedLevel = Exclude<TrustLevel, 'certified' | 'dialled'>

/** The levels of some sources, where an application trusts them more or less than this package does */
export type TrustInit = BySource<PlacedLevel>

/** The same, as an address book keeps it */
export type PlacedSources = ReadonlyMap<string, PlacedLevel>

const RANKS = new Map(TRUST_LEVELS.map((level, rank): [TrustLevel, number] => [level, rank]))

export function rankOf (level: TrustLevel): number {
  return RANKS.get(level) ?? 0
}

const [HEARSAY, APPLICATION, CONFIGURED] = [rankOf('hearsay'), rankOf('application'), rankOf('configured')]

const KNOWN = new Map(Object.entries({
  user: 'configured',
  bootstrap: 'configured',
  certified: 'certified',
  dialled: 'dialled',
  identify: 'identify',
  mdns: 'local',
  derived: 'indirect',
  observed: 'indirect',
  dcutr: 'indirect',
  autonat: 'indirect',
  // whoever wrote it can be anybody
  'peer-store': 'indirect',
  routing: 'hearsay',
  dht: 'hearsay',
  pubsub: 'hearsay',
  dns: 'unknown',
  unknown: 'unknown'
} satisfies Record<KnownSource, TrustLevel>).map(([source, level]): [string, number] => [source, rankOf(level)]))

/** Returns how much the word of a source is worth, as a number: the higher, the more */
export function trustOf (source: string, placed?: PlacedSources): number {
  const level = placed?.get(source)

  return level == null ? KNOWN.get(source) ?? APPLICATION : rankOf(level)
}

/** Returns how much the word of a source is worth */
export function levelOf (source: string, placed?: PlacedSources): TrustLevel {
  return TRUST_LEVELS[trustOf(source, placed)] ?? 'unknown'
}

/** Returns the trust of the best source of an address. An answer of DNS has the trust of its name */
export function bestTrust (provenance: readonly Attestation[], placed?: PlacedSources): number {
  return namedBy(provenance).reduce((best, { source }) => Math.max(best, trustOf(source, placed)), 0)
}

/** Returns whether the user or the configuration of the node vouches for a source: only they take it back */
export function isConfigured (source: string, placed?: PlacedSources): boolean {
  return trustOf(source, placed) === CONFIGURED
}

/** Returns whether nobody stands for what a source says, and it knows nothing of this machine and its network */
export function isHearsay (source: string, placed?: PlacedSources): boolean {
  return trustOf(source, placed) === HEARSAY
}
