import test from 'ava'
import { registerGauges } from '../../src/metrics/gauges.ts'
import type { Metrics } from '@libp2p/interface'
import type { GaugeSources } from '../../src/metrics/gauges.ts'

const SOURCES: GaugeSources = {
  dials: () => ({ running: 1, waiting: 2, lingering: 3 }),
  slots: () => ({ used: 1, waiting: 0, limit: 160 }),
  path: kind => kind === 'udp' ? { successes: 0, failures: 40, failuresInARow: 40 } : { successes: 0, failures: 0, failuresInARow: 0 },
  backoffAddresses: () => 4,
  addressBook: () => undefined,
  bans: () => 0
}

function gaugesOf (sources: GaugeSources): { read (name: string): unknown, errors: unknown[] } {
  const gauges = new Map<string, () => unknown>()
  const errors: unknown[] = []
  const register = (name: string, { calculate }: { calculate: () => unknown }): void => { gauges.set(name, calculate) }
  registerGauges({ registerMetric: register, registerMetricGroup: register } as unknown as Metrics, sources, { error: (...args: unknown[]) => { errors.push(args) } } as any)

  return { read: name => gauges.get(`libp2p_dial_pipeline_${name}`)?.(), errors }
}

test('gauges are read when they are scraped', t => {
  let running = 1
  const { read } = gaugesOf({ ...SOURCES, dials: () => ({ running, waiting: 2, lingering: 3 }) })
  running = 7

  t.deepEqual(read('dials'), { running: 7, waiting: 2, lingering: 3 })
  t.is(read('backoff_addresses'), 4)
})

test('path_state says blocked for a path without successes, and open for an unknown one', t => {
  const { read } = gaugesOf(SOURCES)

  t.deepEqual(read('path_state'), { udp: 2, ip6: 1 })
  t.deepEqual(read('path_success_ratio'), { udp: 1 / 42, ip6: 1 / 2 })
})

test('a node without an address book has no samples of the gauge address_book', t => {
  t.deepEqual(gaugesOf(SOURCES).read('address_book'), {})
})

test('a gauge that throws is logged and does not fail the scrape', t => {
  const { read, errors } = gaugesOf({ ...SOURCES, bans: () => { throw new Error('closed') }, slots: () => { throw new Error('closed') } })

  t.is(read('bans'), NaN)
  t.deepEqual(read('slots'), {})
  t.is(errors.length, 2)
})
