import { isPrivate } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { seeded } from '../../../bench/network/random.ts'
import { addressesOf, bestOf, minConnectTime, scenarios } from '../../../bench/network/scenarios.ts'
import { mean, quantile } from '../../../bench/network/statistics.ts'
import { MAX_ROUND_TRIP, STEP, virtualHost } from '../../helpers/network/address.ts'
import type { Truth } from '../../../bench/network/scenarios.ts'

const PEER = { id: '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5', ports: { tcp4: 1, ws4: 2, tcp6: 3, quic4: 4 } }

function peers (name: string, count: number): Truth[][] {
  const random = seeded(1)
  const scenario = scenarios('quic').find(scenario => scenario.name === name)

  return Array.from({ length: count }, () => scenario?.peer(random) ?? [])
}

test('virtualHost() encodes fate and round trip in the last byte of an address', t => {
  t.is(virtualHost(4, 0x10203, 'answers', 80), '/ip4/46.2.3.42')
  t.is(virtualHost(4, 0x10203, 'silent', 80), '/ip4/46.2.3.74')
  t.is(virtualHost(6, 0x10203, 'stalls', 80), '/ip6/2a0c:102:3::6a')
  t.is(virtualHost(4, 0, 'answers', 10_000), `/ip4/45.0.0.${1 << 5 | MAX_ROUND_TRIP / STEP}`)
})

test('virtual addresses look public, and have the port of a listener or a closed one', t => {
  let place = 0
  const truths: Truth[] = [
    { transport: 'tcp', version: 4, fate: 'answers', roundTrip: 24 },
    { transport: 'tcp', version: 4, fate: 'refuses', roundTrip: 24 },
    { transport: 'ws', version: 4, fate: 'silent', roundTrip: 24 },
    { transport: 'quic', version: 4, fate: 'answers', roundTrip: 24 },
    { transport: 'tcp', version: 6, fate: 'answers', roundTrip: 24 }
  ]
  const addresses = addressesOf(truths, PEER, () => place++)

  t.deepEqual(addresses.map(address => address.replace(`/p2p/${PEER.id}`, '')), [
    '/ip4/45.0.0.35/tcp/1', '/ip4/45.0.1.35/tcp/9', '/ip4/45.0.2.67/tcp/2/ws', '/ip4/45.0.3.35/udp/4/quic-v1', '/ip6/2a0c:0:4::23/tcp/3'
  ])
  t.false(addresses.some(address => isPrivate(multiaddr(address))))
})

test('minConnectTime() is the time of the address that connects first, and bestOf() is its index', t => {
  const truths: Truth[] = [
    { transport: 'tcp', version: 4, fate: 'silent', roundTrip: 24 },
    { transport: 'tcp', version: 4, fate: 'answers', roundTrip: 40 },
    { transport: 'quic', version: 4, fate: 'answers', roundTrip: 96 },
    { transport: 'tcp', version: 4, fate: 'refuses', roundTrip: 24 }
  ]

  t.is(minConnectTime(truths), 96)
  t.is(bestOf(truths), 2)
  t.is(minConnectTime(truths.slice(0, 1)), Infinity)
})

test('generated round trips lie between 24 and 200 ms with a median of 80 ms', t => {
  const times = peers('S1', 2_000).flatMap(truths => truths.map(({ roundTrip }) => roundTrip))

  t.is(quantile(0.5)(times), 80)
  t.deepEqual(times.filter(time => time < 24 || time > 200 || time % STEP !== 0), [])
})

test('a stale peer has eight addresses, 30 % of them good and at least one', t => {
  const all = peers('S3', 2_000)
  const share = (fate: string): number => mean(all.flatMap(truths => truths.map(truth => truth.fate === fate ? 1 : 0)))

  t.true(all.every(truths => truths.length === 8))
  t.true(all.every(truths => truths.some(({ fate }) => fate === 'answers')))
  // 30 % of the drawn addresses, without the 6 % of peers that have no good one
  t.true(Math.abs(share('answers') - 0.3 / (1 - 0.7 ** 8)) < 0.02)
  t.true(Math.abs(share('silent') / share('refuses') - 42 / 28) < 0.1)
})

test('peers() draws the same peers for the same seed', t => {
  t.deepEqual(peers('S3', 20), peers('S3', 20))
})
