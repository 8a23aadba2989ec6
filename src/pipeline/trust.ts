import { SOURCE } from './sources.ts'
import type { AddressReport } from './flow.ts'
import type { BySource, KnownSource } from './sources.ts'

/** The levels of trust, lowest first */
export const TRUST_LEVELS = ['unknown', 'hearsay', 'indirect', 'application', 'local', 'identify', 'dialled', 'certified', 'configured'] as const

/**
 * How far the reports of a source are trusted, highest first:
 *
 * - `configured`: the user or the configuration of the node
 * - `certified`: a record that the peer signed
 * - `dialled`: this node had a connection to the peer at the address
 * - `identify`: the peer reported it over a connection
 * - `local`: discovery in the local network
 * - `application`: any source that this package does not know
 * - `indirect`: derived from another address, or observed from outside
 * - `hearsay`: another peer reported it, without proof
 * - `unknown`: the source is unknown
 */
export type TrustLevel = typeof TRUST_LEVELS[number]

/** A level that a source can be given. `certified` and `dialled` need a record or a connection as proof */
export type PlacedLevel = Exclude<TrustLevel, 'certified' | 'dialled'>

/** The levels of sources that the application trusts more or less than this package does */
export type TrustInit = BySource<PlacedLevel>

/** The levels of sources, as an address book keeps them */
export type PlacedSources = ReadonlyMap<string, PlacedLevel>

export function rankOf (level: TrustLevel): number {
  return TRUST_LEVELS.indexOf(level)
}

const [HEARSAY, APPLICATION, LOCAL, CONFIGURED] = [rankOf('hearsay'), rankOf('application'), rankOf('local'), rankOf('configured')]

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
  // any writer to the peer store may be the source
  'peer-store': 'indirect',
  routing: 'hearsay',
  dht: 'hearsay',
  pubsub: 'hearsay',
  dns: 'unknown',
  unknown: 'unknown'
} satisfies Record<KnownSource, TrustLevel>).map(([source, level]): [string, number] => [source, rankOf(level)]))

/** Returns the trust in a source as a number. Higher is more */
export function trustOf (source: string, placed?: PlacedSources): number {
  const level = placed?.get(source)

  return level == null ? KNOWN.get(source) ?? APPLICATION : rankOf(level)
}

/** Returns the highest trust among the sources of an address. A DNS answer has the trust of its name */
export function bestTrust (provenance: readonly AddressReport[], placed?: PlacedSources): number {
  return namingReports(provenance).reduce((best, { source }) => Math.max(best, trustOf(source, placed)), 0)
}

/** Returns whether a source is the user or the node's configuration, whose addresses only they remove */
export function isConfigured (source: string, placed?: PlacedSources): boolean {
  return trustOf(source, placed) === CONFIGURED
}

/** Returns whether a source only passes on what other peers reported */
export function isHearsay (source: string, placed?: PlacedSources): boolean {
  return trustOf(source, placed) === HEARSAY
}

/** Returns whether a source knows where a peer is now: the peer itself, a connection to it, its neighbours on the link, or the user */
export function isFirstHand (source: string, placed?: PlacedSources): boolean {
  return trustOf(source, placed) >= LOCAL
}

/** The reports of a pinned address without any, and of a candidate that was made without provenance */
const NOBODY: readonly AddressReport[] = [{ source: SOURCE.unknown }]

/** Returns the reports that name an address. A `dns` report only says where a name leads, and counts only without other reports */
export function namingReports (provenance: readonly AddressReport[]): readonly AddressReport[] {
  // shortcut: nearly all addresses have one report
  if (provenance.length === 1) {
    return provenance
  }

  const named = provenance.filter(({ source }) => source !== SOURCE.dns)

  return [named, provenance, NOBODY].find(({ length }) => length > 0) ?? NOBODY
}
