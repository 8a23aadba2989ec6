import { isBlocked, successRatio } from '../pipeline/dial-components.ts'
import { METRICS, scrapedName } from './definitions.ts'
import type { MetricName } from './definitions.ts'
import type { PathRecord } from '../pipeline/types.ts'
import type { Logger, Metrics } from '@libp2p/interface'

/** The functions that gauges call when they are scraped */
export interface GaugeSources {
  dials (): { readonly running: number, readonly waiting: number, readonly lingering: number }
  slots (): { readonly used: number, readonly waiting: number, readonly limit: number }
  path (kind: 'udp' | 'ip6'): PathRecord
  backoffAddresses (): number
  /** Returns undefined when the node has no address book */
  addressBook (): { readonly peers: number, readonly addresses: number, readonly pins: number } | undefined
  bans (): number
}

/** Registers the gauges of a node. When several nodes of a process register a name, the first one keeps it, as with all libp2p metrics */
export function registerGauges (metrics: Metrics, sources: GaugeSources, log: Logger): void {
  const group = (name: MetricName, calculate: () => Record<string, number>): void => {
    metrics.registerMetricGroup(scrapedName(name), { ...METRICS[name], calculate: guarded(calculate, {}, log) })
  }
  const gauge = (name: MetricName, calculate: () => number): void => {
    metrics.registerMetric(scrapedName(name), { ...METRICS[name], calculate: guarded(calculate, NaN, log) })
  }

  group('dials', () => ({ ...sources.dials() }))
  group('slots', () => ({ ...sources.slots() }))
  group('path_state', () => ofPaths(sources, record => isBlocked(record) ? 2 : 1))
  group('path_success_ratio', () => ofPaths(sources, successRatio))
  gauge('backoff_addresses', () => sources.backoffAddresses())
  group('address_book', () => ({ ...sources.addressBook() }))
  gauge('bans', () => sources.bans())
}

function ofPaths (sources: GaugeSources, valueOf: (record: PathRecord) => number): Record<string, number> {
  return { udp: valueOf(sources.path('udp')), ip6: valueOf(sources.path('ip6')) }
}

/** Wraps a gauge: an error is logged and replaced with `otherwise`. Otherwise it would fail the whole scrape */
function guarded<T> (calculate: () => T, otherwise: T, log: Logger): () => T {
  return () => {
    try {
      return calculate()
    } catch (err) {
      log.error('could not read a gauge - %e', err)

      return otherwise
    }
  }
}
