import { multiaddr } from '@multiformats/multiaddr'
import { scopeOf } from '../address/scope.ts'
import { SOURCE } from '../pipeline/sources.ts'
import { isHearsay, rankOf, trustOf } from '../pipeline/trust.ts'
import { StoredReport } from './stored-report.ts'
import { MAX_ADDRESSES, MAX_BY_DHT, MAX_BY_REPORTER, MAX_REPORTS, MAX_OBSERVED, MAX_PINNED } from './limits.ts'
import type { Scope } from '../address/scope-ranges.ts'
import type { PlacedSources } from '../pipeline/trust.ts'
import type { AddressEntry, PeerEntry } from './entry.ts'

export interface NewReport {
  readonly source: string
  readonly reporter?: string
  readonly seq?: bigint
  readonly now: number
  readonly expires: number
}

/** The state of the peer that a report is added to */
export interface AddReportContext {
  /** The addresses of the open connections to the peer. Undefined: there are none */
  readonly used: readonly string[] | undefined
  readonly trust?: PlacedSources
  /** Set to true when a report or an address was evicted: one that was added before may be gone */
  hasEvicted: boolean
}

interface Strength {
  readonly rank: number
  /** Whether the last attempt of the address failed */
  readonly isFailed: boolean
  readonly expires: number
}

const CERTIFIED = rankOf('certified')

const LIKELY = new Set<Scope>(['public', 'name', 'none'])

/** The rank of hearsay about local or impossible addresses, below that of every source */
const UNLIKELY = -Infinity

/**
 * Adds a report to an address of a peer, or refreshes it. When a cap is reached, the lowest-ranked report is evicted if it ranks below the new one.
 * The rank is trust, then whether the address has failed, then the expiry. Hearsay about local or impossible addresses ranks lowest.
 *
 * Addresses in use are never evicted. Pinned ones are only evicted beyond the first 32, for an address of higher trust. One that a pin names is only
 * evicted for a configured or signed one. A pin of a whole peer does not protect reports from the caps of their source and reporter.
 */
export function addReport (entry: PeerEntry, known: AddressEntry | undefined, text: string, report: NewReport, context: AddReportContext): 'added' | 'refreshed' | 'refused' {
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
  const added = new StoredReport({ source, reporter, seq, firstSeen: now, lastSeen: now, expires })
  address.reports = address.reports.concat([added])
  entry.earliest = Math.min(entry.earliest, added.expires)

  return 'added'
}

/** Returns the earlier report of the same source and reporter for an address */
export function reportIn (address: AddressEntry | undefined, { source, reporter }: Pick<NewReport, 'source' | 'reporter'>): StoredReport | undefined {
  return address?.reports.find(one => one.source === source && one.reporter === reporter)
}

/** Makes room for a report. Returns false, and evicts nothing, if there is none */
function makeRoom (entry: PeerEntry, known: AddressEntry | undefined, text: string, { source, reporter, now, expires }: NewReport, context: AddReportContext): boolean {
  const { used, trust } = context
  const maxByReporter = reporter == null || reporter === entry.id ? Infinity : MAX_BY_REPORTER
  const maxBySource = source === SOURCE.dht ? MAX_BY_DHT : source === SOURCE.observed ? MAX_OBSERVED : Infinity

  // shortcut: most peers are far from every cap
  if (entry.addresses.length < Math.min(maxByReporter, maxBySource, MAX_ADDRESSES) && (known?.reports.length ?? 0) < MAX_REPORTS) {
    return true
  }

  const evicted = new Set<StoredReport>()
  let strength: Strength | undefined
  /** Returns the strength of the new report. Computed only where a cap is reached, because it takes the parsed address */
  const next = (): Strength => strength ??= {
    rank: isHearsay(source, trust) && (known == null ? isUnlikely(text) : isKnownUnlikely(known)) ? UNLIKELY : trustOf(source, trust),
    isFailed: known != null && known.failure !== false,
    expires
  }
  const isUsed = ({ text }: AddressEntry): boolean => used?.includes(text) === true
  const isNamed = ({ text }: AddressEntry): boolean => entry.pins.some(pin => pin.addresses != null && pin.covers(text))
  const isFree = ({ text }: AddressEntry): boolean => entry.keptUntil(text, used) <= now
  const restOf = ({ reports }: AddressEntry): StoredReport[] => reports.filter(report => !evicted.has(report))

  /** Marks the weakest group of reports for eviction, and returns its address. Undefined: none is weaker than the new report */
  const evict = (groups: ReadonlyArray<readonly [AddressEntry, readonly StoredReport[]]>): AddressEntry | undefined => {
    let least = next()
    let weakest: typeof groups[number] | undefined

    for (const group of groups) {
      const own = strengthOf(group[0], trust, group[1])

      if (isWeaker(own, least)) {
        weakest = group
        least = own
      }
    }

    weakest?.[1].forEach(report => evicted.add(report))

    return weakest?.[0]
  }

  const caps: Array<[max: number, isOfKind: (report: StoredReport) => boolean]> = [
    [maxByReporter, one => one.reporter === reporter],
    [maxBySource, one => one.source === source]
  ]

  const leaving: AddressEntry[] = []

  for (const [max, isOfKind] of caps) {
    const having = entry.addresses.length < max ? [] : entry.addresses.filter(address => restOf(address).some(isOfKind))

    if (having.length >= max && (known == null || !having.includes(known))) {
      const victim = evict(having.filter(address => !isUsed(address) && !isNamed(address)).map(address => [address, address.reports.filter(isOfKind)]))

      if (victim == null) {
        return false
      }

      // without other reports the address leaves, even if a pin of the whole peer covers it
      leaving.push(...restOf(victim).length === 0 ? [victim] : [])
    }
  }

  if (known != null && known.reports.length >= MAX_REPORTS && evict(known.reports.map(report => [known, [report]])) == null) {
    return false
  }

  if (known == null && entry.addresses.length >= MAX_ADDRESSES) {
    const free = entry.addresses.filter(isFree)
    const pinned = entry.addresses.filter(address => !free.includes(address) && !isUsed(address))
    const surplus = pinned.length <= MAX_PINNED ? [] : pinned.filter(address => (trustOf(source, trust) >= CERTIFIED || !isNamed(address)) && strengthOf(address, trust, restOf(address)).rank < next().rank)
    const evictFrom = (addresses: readonly AddressEntry[]): AddressEntry | undefined => evict(addresses.map(address => [address, restOf(address)]))
    const victim = evictFrom(free) ?? evictFrom(surplus)

    if (victim == null) {
      return false
    }

    leaving.push(victim)
  }

  if (evicted.size > 0) {
    entry.removeReports(report => evicted.has(report))
  }

  leaving.forEach(address => { entry.remove(address) })
  context.hasEvicted ||= evicted.size > 0 || leaving.length > 0

  return true
}

/** Returns the strength of the strongest report of an address */
export function strengthOf (address: AddressEntry, trust?: PlacedSources, reports: readonly StoredReport[] = address.reports): Strength {
  const isFailed = address.failure !== false
  let most: Strength = { rank: UNLIKELY, isFailed, expires: -Infinity }

  for (const { source, expires } of reports) {
    const own = { rank: isHearsay(source, trust) && isKnownUnlikely(address) ? UNLIKELY : trustOf(source, trust), isFailed, expires }

    if (isWeaker(most, own)) {
      most = own
    }
  }

  return most
}

function isKnownUnlikely (address: AddressEntry): boolean {
  // cached: only full peers need it, for the same addresses each time
  return address.isUnlikely ??= isUnlikely(address.text)
}

/** Returns whether an address is a local one, or one that no peer can have */
function isUnlikely (text: string): boolean {
  try {
    return !LIKELY.has(scopeOf(multiaddr(text)))
  } catch {
    // a stored text may not be a multiaddr
    return true
  }
}

/** Compares two strengths. Below 0: the first is weaker. NaN: both never expire */
export function compare (one: Strength, other: Strength): number {
  return one.rank - other.rank || Number(other.isFailed) - Number(one.isFailed) || one.expires - other.expires
}

function isWeaker (one: Strength, other: Strength): boolean {
  return compare(one, other) < 0
}
