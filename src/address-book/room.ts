import { multiaddr } from '@multiformats/multiaddr'
import { scopeOf } from '../address/scope.ts'
import { SOURCE } from '../pipeline/sources.ts'
import { isHearsay, rankOf, trustOf } from '../pipeline/trust.ts'
import { failedAddresses } from './entry.ts'
import { Evidence } from './evidence.ts'
import { MAX_ADDRESSES, MAX_BY_DHT, MAX_BY_REPORTER, MAX_EVIDENCE, MAX_OBSERVED, MAX_PINNED } from './limits.ts'
import type { Scope } from '../address/scope-ranges.ts'
import type { PlacedSources } from '../pipeline/trust.ts'
import type { AddressEntry, PeerEntry } from './entry.ts'

/** What is said of an address now */
export interface NewReport {
  readonly source: string
  readonly reporter?: string
  readonly seq?: bigint
  readonly now: number
  readonly expires: number
}

/** Where something is said */
export interface Context {
  /** The addresses of the open connections to the peer; undefined: there are none */
  readonly used: readonly string[] | undefined
  readonly trust?: PlacedSources
  /** Something was evicted */
  hasEvicted: boolean
}

interface Strength {
  readonly rank: number
  /** The last attempt failed */
  readonly isFailed: boolean
  readonly expires: number
}

const CERTIFIED = rankOf('certified')

const LIKELY = new Set<Scope>(['public', 'name', 'none'])

/** Below every source. Nobody has evidence of less */
const UNLIKELY = -Infinity

/** Of addresses in a book. It is asked for only where there is no room, and then of the same ones again and again */
const unlikely = new WeakMap<AddressEntry, boolean>()

/**
 * Adds a report to an address of a peer, or refreshes it. Where there is no room, the weakest report is evicted if it is weaker: of
 * less trust; or of the same and of an address that has failed; or with less time left. Hearsay about this machine or
 * its network, or about what no peer can have, is the weakest of all: it is no reason not to keep what may be right. Addresses in use
 * stay, and pinned ones: of those beyond 32 the weakest makes room for what the user, the configuration or the peer's signature names.
 */
export function addReport (entry: PeerEntry, known: AddressEntry | undefined, text: string, report: NewReport, context: Context): 'added' | 'refreshed' | 'refused' {
  const { source, reporter, seq, now, expires } = report
  const same = reportIn(known, report)

  if (same != null) {
    same.refresh(now, expires, seq)

    return 'refreshed'
  }

  if (!makeRoom(entry, known, text, report, context)) {
    return 'refused'
  }

  const address = entry.find(text) ?? entry.add(text)
  const evidence = new Evidence({ source, reporter, seq, firstSeen: now, lastSeen: now, expires })
  address.evidence = address.evidence.concat([evidence])
  entry.earliest = Math.min(entry.earliest, evidence.expires)

  return 'added'
}

/** Returns the report of an address that is made again now */
export function reportIn (address: AddressEntry | undefined, { source, reporter }: Pick<NewReport, 'source' | 'reporter'>): Evidence | undefined {
  return address?.evidence.find(one => one.source === source && one.reporter === reporter)
}

/** Whether there is room, now or from now on */
function makeRoom (entry: PeerEntry, known: AddressEntry | undefined, text: string, { source, reporter, now, expires }: NewReport, context: Context): boolean {
  const { used, trust } = context
  const next: Strength = {
    rank: isHearsay(source, trust) && (known == null ? isUnlikely(text) : isKnownUnlikely(known)) ? UNLIKELY : trustOf(source, trust),
    isFailed: known != null && failedAddresses.has(known),
    expires
  }
  const isFree = ({ text }: AddressEntry): boolean => entry.heldUntil(text, used, now) <= now
  const leaving = new Set<Evidence>()

  /** Of evidence of a kind, at most `max` addresses have some */
  const fits = (max: number, isOfKind: (evidence: Evidence) => boolean): boolean => {
    const having = entry.addresses.length < max ? [] : entry.addresses.filter(({ evidence }) => evidence.some(isOfKind))

    if (having.length < max || (known != null && having.includes(known))) {
      return true
    }

    const weakest = weakestOf(having.filter(isFree), address => strengthOf(address, trust, address.evidence.filter(isOfKind)), next)
    weakest?.evidence.filter(isOfKind).forEach(evidence => leaving.add(evidence))

    return weakest != null
  }

  const maxOfSource = source === SOURCE.dht ? MAX_BY_DHT : source === SOURCE.observed ? MAX_OBSERVED : Infinity
  const fitsAll = fits(reporter == null || reporter === entry.id ? Infinity : MAX_BY_REPORTER, one => one.reporter === reporter) &&
    fits(maxOfSource, one => one.source === source)

  if (!fitsAll) {
    return false
  }

  if (known != null && known.evidence.length >= MAX_EVIDENCE) {
    const weakest = weakestOf(known.evidence, evidence => strengthOf(known, trust, [evidence]), next)

    if (weakest == null) {
      return false
    }

    leaving.add(weakest)
  }

  if (leaving.size > 0) {
    context.hasEvicted = true
    entry.withdraw(evidence => leaving.has(evidence))
  }

  if (known != null || entry.addresses.length < MAX_ADDRESSES) {
    return true
  }

  const free = entry.addresses.filter(isFree)
  const pinned = trustOf(source, trust) < CERTIFIED ? [] : entry.addresses.filter(address => !free.includes(address) && used?.includes(address.text) !== true)
  const evictable = pinned.length > MAX_PINNED ? [free, pinned] : [free]
  const weakest = evictable.map(addresses => weakestOf(addresses, address => strengthOf(address, trust), next)).find(one => one != null)

  if (weakest != null) {
    context.hasEvicted = true
    entry.remove(weakest)
  }

  return weakest != null
}

/** The weakest of all that are weaker than what comes */
function weakestOf<T> (items: readonly T[], strength: (item: T) => Strength, next: Strength): T | undefined {
  let weakest: T | undefined
  let least = next

  for (const item of items) {
    const own = strength(item)

    if (isWeaker(own, least)) {
      weakest = item
      least = own
    }
  }

  return weakest
}

/** Returns the strength of the strongest report of an address */
export function strengthOf (address: AddressEntry, trust?: PlacedSources, evidence: readonly Evidence[] = address.evidence): Strength {
  const isFailed = failedAddresses.has(address)
  let most: Strength = { rank: UNLIKELY, isFailed, expires: -Infinity }

  for (const { source, expires } of evidence) {
    const own = { rank: isHearsay(source, trust) && isKnownUnlikely(address) ? UNLIKELY : trustOf(source, trust), isFailed, expires }

    if (isWeaker(most, own)) {
      most = own
    }
  }

  return most
}

function isKnownUnlikely (address: AddressEntry): boolean {
  const known = unlikely.get(address) ?? isUnlikely(address.text)
  unlikely.set(address, known)

  return known
}

/** Whether an address is of this machine or its network, or one that no peer can have */
function isUnlikely (text: string): boolean {
  try {
    return !LIKELY.has(scopeOf(multiaddr(text)))
  } catch {
    // what was read from a datastore may be no address at all
    return true
  }
}

/** Returns less than 0 where the first is weaker, and NaN where that cannot be told: no Infinity is less than another */
export function compare (one: Strength, other: Strength): number {
  return one.rank - other.rank || Number(other.isFailed) - Number(one.isFailed) || one.expires - other.expires
}

function isWeaker (one: Strength, other: Strength): boolean {
  return compare(one, other) < 0
}
