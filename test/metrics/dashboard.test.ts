import { setTimeout as sleep } from 'node:timers/promises'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { register } from 'prom-client'
import { addressBook } from '../../src/address-book/index.ts'
import { scrapedName } from '../../src/metrics/definitions.ts'
import { pipeline } from '../../src/pipeline/index.ts'
import { converge, dialable, filter, fromCaller, hold, race, rank, stagger } from '../../src/stages/index.ts'
import { adaptive } from '../../presets/index.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, dialling, listening, mute } from '../libp2p/kit.ts'
import { dashboardQueries, samplesIn, selectorsIn } from './scrape.ts'
import type { MetricName } from '../../src/metrics/definitions.ts'
import type { Sample } from './scrape.ts'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { PeerId } from '@libp2p/interface'

/** Dials a WebSocket first and TCP a moment later. TCP is preferred, and becomes an additional connection */
const WEBSOCKET_FIRST = pipeline(
  fromCaller(),
  dialable(),
  rank('websocket-first', (a, b) => Number(b.facts.transport === 'ws') - Number(a.facts.transport === 'ws')),
  stagger(10),
  hold('tcp-later', state => ({ facts }) => facts.transport === 'ws' ? 0 : state.firstStart + 300),
  race(),
  converge()
)

const ALL_AT_ONCE = pipeline(fromCaller(), dialable(), filter('no-nine', ({ id }) => !id.includes('/tcp/9/') || 'port 9'), stagger(0), race())

test.serial('each query of the dashboard selects a non-zero sample after ten dials, and a lost race is not a failure', async t => {
  const node = await dialling(t, adaptive(), {
    metrics: prometheusMetrics({ collectDefaultMetrics: false }),
    services: { addressBook: addressBook() },
    dialerInit: { convergence: { order: ['tcp'], idle: 50 } }
  })
  const { dialer, addressBook: book } = node.services
  const [a, b, c, silent, closed] = await Promise.all([listening(t), listening(t), listening(t), mute(t), refused()])
  const at = (address: Multiaddr, peer: PeerId): Multiaddr => multiaddr(`${String(address).split('/p2p/')[0] ?? ''}/p2p/${peer.toString()}`)
  const fails = async (dial: Promise<unknown>): Promise<void> => { await t.throwsAsync(dial) }

  // the silent address loses each race and is cancelled
  for (const remote of [a, b, a, b]) {
    await (await node.dial([at(silent.multiaddr, remote.peerId), ...addressesOf(remote), at(multiaddr('/ip4/127.0.0.1/tcp/9'), remote.peerId)], { pipeline: ALL_AT_ONCE })).close()
  }

  // a refusal, a wrong peer, and an abort by the caller
  await fails(node.dial(at(closed.multiaddr, await newPeer())))
  await fails(node.dial([at(closed.multiaddr, c.peerId), at(addressesOf(a)[0], c.peerId)]))
  await fails(node.dial(at(silent.multiaddr, await newPeer()), { signal: AbortSignal.timeout(50) }))
  // a better connection that comes later
  await node.dial([...addressesOf(c, 'ws'), ...addressesOf(c)], { pipeline: WEBSOCKET_FIRST })
  // a known address, and one without a transport
  book.owner('test').pin(a.peerId)
  await node.dial([...addressesOf(a), at(multiaddr('/ip4/127.0.0.1/udp/1/quic-v1'), a.peerId)])
  await dialer.ban('203.0.113.0/24', { for: 60_000 })
  const connectionsOfC = await until(() => node.getConnections(c.peerId).map(({ remoteAddr }) => `${remoteAddr}`), all => all.length === 1 && all[0]?.includes('/ws') === false)
  t.is(connectionsOfC.length, 1, 'the better connection replaced the first')
  // the tenth dial runs while the metrics are scraped
  const controller = new AbortController()
  const running = fails(node.dial(at(silent.multiaddr, await newPeer()), { signal: controller.signal }))
  await sleep(50)
  const samples = samplesIn(await register.metrics())
  controller.abort()
  await running

  for (const { title, query } of await dashboardQueries()) {
    const selectors = selectorsIn(query)
    t.true(selectors.length > 0, `${title}: ${query}`)

    for (const { name, accepts } of selectors) {
      t.true(samples.some(sample => accepts(sample) && sample.value !== 0), `${title}: no sample of ${name} is selected by ${query}\n${samples.filter(one => one.name === name).map(one => JSON.stringify(one)).join('\n')}`)
    }
  }

  const valueOf = (name: MetricName, label?: string): number => samples.find(one => one.name === scrapedName(name) && isLabelled(one, label))?.value ?? 0
  // four lost attempts, and one that its caller aborted
  t.is(valueOf('attempts_total', 'cancelled'), 5)
  t.is(valueOf('transport_attempts_total', 'tcp cancelled'), 5)
  t.is(valueOf('dials_total', 'connected'), 6)
  t.is(valueOf('dials_total', 'failed'), 2)
  t.is(valueOf('dials_total', 'timeout'), 1)
  t.is(valueOf('attempts_total', 'refused'), 2)
  t.is(valueOf('attempts_total', 'wrong-peer'), 1)
  t.is(valueOf('addresses_dropped_total', 'no-nine: port'), 4)
  t.is(valueOf('addresses_dropped_total', 'dialable: no transport'), 1)
  t.is(valueOf('dials', 'running'), 1)
  t.is(valueOf('slots', 'used'), 1)
  t.is(valueOf('address_book', 'pins'), 1)
  t.is(valueOf('additional_connections_total'), 1)
  t.is(valueOf('bans'), 1)
})

function isLabelled ({ labels }: Sample, value: string | undefined): boolean {
  return value == null || Object.values(labels).includes(value)
}
