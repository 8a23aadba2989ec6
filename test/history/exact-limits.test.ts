// each limit at exactly its value, and at one more
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore/key'
import { failureOf, ResolvedNames } from '../../src/history/failure.ts'
import { estimateOf, isShort } from '../../src/history/estimate.ts'
import { Contributions } from '../../src/history/fleet/contributions.ts'
import { FleetEvidence } from '../../src/history/fleet/fleet-evidence.ts'
import { History } from '../../src/history/history.ts'
import { keysOf } from '../../src/history/keys.ts'
import { Networks } from '../../src/history/networks.ts'
import { Knowledge } from '../../src/history/knowledge.ts'
import { belief } from '../../src/history/belief.ts'
import { OutageDetector } from '../../src/history/outage.ts'
import { Outcomes } from '../../src/history/averages.ts'
import { RecordTables } from '../../src/history/record-tables.ts'
import { KindRecord, LONG, SHORT } from '../../src/history/records.ts'
import { Snapshots } from '../../src/history/snapshots.ts'
import { historyStore } from '../../src/history/store.ts'
import { UnexplainedFailures } from '../../src/history/unexplained.ts'
import { silentLogger } from '../../src/testing/silent-logger.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { newPeer } from '../helpers/scripted.ts'
import { peerName } from './fleet/fleet.ts'
import { attempt, connects, HOUR, learning, MINUTE, systemError, to } from './learning.ts'
import type { PeerRow } from '../../src/history/fleet/shared-text.ts'
import type { Logger } from '@libp2p/interface'
import type { Pair } from 'interface-datastore'

const peer = await newPeer()
const one = to('/ip4/7.7.7.7/tcp/1', peer)

for (const [level, max] of [['addresses', 10_000], ['peers', 10_000], ['prefixes', 2_000], ['classes', 256], ['sources', 64], ['kinds', 4]] as const) {
  test(`the table of ${level} keeps fewer than ${max}, and at least the newest half`, t => {
    const tables = new RecordTables(() => {})
    const records = tables[level] as { set (key: string, value: unknown): void, [Symbol.iterator] (): Iterator<unknown> }
    const put = (from: number, to: number): number => {
      for (let n = from; n < to; n++) {
        records.set(`${n}`, {})
      }

      return [...tables[level]].length
    }

    t.is(put(0, max - 1), max - 1)
    t.is(put(max - 1, max), max / 2)
  })
}

test('evidence of addresses and peers decays by half in six hours, of classes and prefixes in ten minutes', t => {
  t.deepEqual([LONG, SHORT], [6 * HOUR, 10 * MINUTE])
})

test('a kind counts up to 256 silent prefixes, and remembers fewer than 256 that answered', t => {
  const kind = new KindRecord()
  Array.from({ length: 255 }, (_, n) => { kind.failed(`${n}`, 0) })
  t.deepEqual([kind.silent.size, [...kind.propagated].length], [255, 255])
  kind.failed('255', 0)
  t.deepEqual([kind.silent.size, [...kind.propagated].length], [256, 128])
  kind.failed('256', 0)
  t.is(kind.silent.size, 256)
})

test('eight networks are remembered, and more evict the oldest', t => {
  const forgotten: unknown[] = []
  const networks = new Networks(touched => new Knowledge(belief(), touched))
  networks.onChange = (network, level) => { if (level == null) { forgotten.push(network) } }
  Array.from({ length: 8 }, (_, n) => { networks.change(`${n}`) })
  t.deepEqual(forgotten, [undefined])
  networks.change('0')
  networks.change('8')
  t.deepEqual(forgotten, [undefined, '1'])
  networks.change()
  t.deepEqual(forgotten, [undefined, '1', '2'])
  networks.change('9')
  t.deepEqual(forgotten, [undefined, '1', '2', undefined])
  t.true(networks.current === networks.get('9'))
})

for (const [hosts, ms, isOutage] of [[3, 3_000, true], [3, 2_999, false], [2, 3_000, false]] as const) {
  test(`silence of ${hosts} proven hosts for ${ms} ms is ${isOutage ? 'an' : 'no'} outage when bytes arrive`, t => {
    const detector = new OutageDetector()
    Array.from({ length: hosts }, (_, n) => { detector.failed({ address: `${n}`, host: `${n}`, startedAt: 1_000 + n, isProven: true }) })
    t.is(detector.end(() => ({ by: 'bytes' }), 1_000 + ms), isOutage)
    t.false(detector.isSuspected)
    // a new silent period starts
    t.false(detector.end(() => ({ by: 'connection' }), 100_000))
  })
}

test('a sign of the network ends a silent period, also after a single failed attempt', t => {
  const detector = new OutageDetector()
  const fail = (name: string, startedAt: number): void => { detector.failed({ address: name, host: name, startedAt, isProven: true }) }
  fail('one', 0)
  t.true(detector.isSuspected)
  t.false(detector.end(() => ({ by: 'bytes' }), 10_000))
  t.false(detector.isSuspected)
  ;['one', 'two', 'three'].forEach(name => { fail(name, 19_000) })
  t.false(detector.end(() => ({ by: 'bytes' }), 20_000), 'one second is no outage')
})

test('a peer or host that answers elsewhere is not part of an outage', t => {
  const isOutage = (sign: { address: string, host: string, peer?: string }): boolean => {
    const detector = new OutageDetector()
    ;['one', 'two', 'three'].forEach(name => { detector.failed({ address: `address ${name}`, host: `host ${name}`, peer: `peer ${name}`, startedAt: 0, isProven: false }) })

    return detector.end(() => ({ by: 'dial', ...sign }), 10_000)
  }

  t.true(isOutage({ address: 'another', host: 'another', peer: 'another' }))
  t.true(isOutage({ address: 'another', host: 'another' }))
  t.false(isOutage({ address: 'another', host: 'another', peer: 'peer one' }))
  t.false(isOutage({ address: 'another', host: 'host one', peer: 'another' }))
})

test('the current network is never evicted, however many are read', t => {
  for (const name of [undefined, 'home']) {
    const networks = new Networks(touched => new Knowledge(belief(), touched))
    networks.change(name)
    Array.from({ length: 9 }, (_, n) => { networks.make(`${n}`) })
    networks.trim()
    t.true(networks.get(name) === networks.current)
    t.true(networks.get('0') == null)
    t.true(networks.get('1') != null)
  }
})

test('a copied kind remembers which prefixes answered', t => {
  const kind = new KindRecord()
  kind.failed('one', 0)
  const copy = kind.copy()
  copy.failed('one', 0)
  copy.failed('two', 0)
  t.deepEqual([kind.path(0), copy.path(0)], [{ successes: 0, failures: 1, failuresInARow: 1 }, { successes: 0, failures: 2, failuresInARow: 2 }])
})

test('an address keeps its own round trip beside others of its prefix', t => {
  const { history, attempt } = learning()
  const [near, far] = ['/ip4/7.7.7.7/tcp/1', '/ip4/7.7.7.8/tcp/1'].map(address => to(address)) as [typeof one, typeof one]
  attempt(near, { connects: 249, heard: 80 })
  attempt(far, { connects: 2_000, heard: 640 })
  t.deepEqual([near, far].map(one => Math.round(Math.exp(history.estimate(one).firstResponse.mu))), [80, 640])
})

test('an outage remembers 256 failed addresses', t => {
  for (const [others, isOutage] of [[254, true], [255, false]] as const) {
    const detector = new OutageDetector()
    const fail = (address: string, host: string): void => { detector.failed({ address, host, startedAt: 0, isProven: true }) }
    Array.from({ length: others }, (_, n) => { fail(`${n}`, 'one') })
    fail('two', 'two')
    fail('three', 'three')
    t.is(detector.end(() => ({ by: 'bytes' }), 10_000), isOutage)
  }
})

test('an unreachable-host error within 5 ms is a fault of this machine, and a later one is silence', t => {
  t.deepEqual([4.9, 5].map(elapsed => failureOf(systemError('EHOSTUNREACH'), elapsed, false)), ['unreachable', 'silent'])
})

test('the two names resolved last show for 10 s that other names resolve', t => {
  const names = new ResolvedNames()
  const [a, b, c] = ['a', 'b', 'c'].map(name => to(`/dns4/${name}.example/tcp/1`)) as [typeof one, typeof one, typeof one]
  names.resolved(a, 0)
  t.deepEqual([a, b].map(name => names.hasOther(name, 0)), [false, true])
  t.deepEqual([9_999, 10_000].map(at => names.hasOther(b, at)), [true, false])

  const more = new ResolvedNames()
  ;[[a, 5_000], [b, 0], [c, 0]].forEach(([name, at]) => { more.resolved(name as typeof one, at as number) })
  t.false(more.hasOther(one, 12_000), 'the first of three is forgotten')

  // a name that resolves again becomes the latest
  names.resolved(b, 0)
  names.resolved(a, 9_000)
  names.resolved(c, 9_000)
  t.true(names.hasOther(c, 10_000))
  names.resolved(one, 9_000)
  t.true(names.hasOther(c, 10_000), 'an IP address is no name')
  t.false(names.hasOther(c, 19_000))
})

test('32 unattributed failures of a peer are kept for a minute', t => {
  const failures = new UnexplainedFailures()
  const keys = keysOf(one)
  Array.from({ length: 33 }, () => { failures.add('one', { keys, weight: 1, at: 0 }) })
  t.is(failures.take('one', 59_999).length, 32)
  t.is(failures.take('one', 0).length, 0)
  failures.add('one', { keys, weight: 1, at: 0 })
  t.is(failures.take('one', 60_000).length, 0)
})

test('unattributed failures of fewer than 2,000 peers are kept', t => {
  for (const [others, isKept] of [[1_998, true], [1_999, false]] as const) {
    const failures = new UnexplainedFailures()
    Array.from({ length: others + 1 }, (_, n) => { failures.add(`${n}`, { keys: keysOf(one), weight: 1, at: 0 }) })
    t.is(failures.take('0', 0).length === 1, isKept)
  }
})

test('snapshots hold 10,000 records, and a released place can be used again', t => {
  const tables = new RecordTables(() => {})
  const snapshots = new Snapshots(tables)
  const isSaved = (address: string): boolean => {
    tables.addresses.set(address, {} as any)

    return snapshots.get('addresses', address) === undefined
  }

  Array.from({ length: 10_000 }, (_, n) => { snapshots.save({ address: `${n}` }) })
  snapshots.save({ address: 'late' })
  t.deepEqual([isSaved('9999'), isSaved('late')], [true, false])
  snapshots.delete('addresses', '0')
  snapshots.save({ address: 'later' })
  snapshots.save({ address: 'last' })
  t.deepEqual([isSaved('later'), isSaved('last')], [true, false])
})

test('each level is stored in its number of records, 30 s after a change', async t => {
  const datastore = new MemoryDatastore()
  const clock = new VirtualClock(1_000_000)
  const history = new History(clock)
  const store = historyStore(history.networks, datastore, clock, silentLogger.forComponent('test'))
  await store.open()

  for (let n = 0; n < 400; n++) {
    attempt(history, clock.now(), to(`/ip4/7.${n >> 8}.${n & 255}.7/udp/1/quic-v1/p2p/${peerName(n)}`), connects)
  }

  await clock.advance(29_999)
  t.is([...datastore.query({}) as Iterable<Pair>].length, 0)
  await clock.advance(1)
  const levels = Array.from(datastore.query({}) as Iterable<Pair>, ({ key }) => key.toString().split('/')[4])
  t.deepEqual(Object.fromEntries(['addresses', 'peers', 'prefixes', 'classes', 'sources', 'kinds'].map(level => [level, levels.filter(one => one === level).length])), {
    addresses: 32, peers: 32, prefixes: 8, classes: 1, sources: 1, kinds: 1
  })
  await store.close()
})

for (const [count, isCut] of [[10_000, false], [10_001, true]] as const) {
  test(`the store reads ${isCut ? 'no more than 10,000' : 'all'} of ${count} records`, async t => {
    const datastore = new MemoryDatastore()
    datastore.query = function * () {
      for (let i = 0; i < count; i++) {
        yield { key: new Key('/dial-pipeline/history/foreign'), value: new Uint8Array() }
      }
    }
    const clock = new VirtualClock()
    const log: string[] = []
    const write = (...parts: unknown[]): void => { log.push(parts.join(' ')) }
    const store = historyStore(new History(clock).networks, datastore, clock, Object.assign(write, { error: write }) as unknown as Logger)
    await store.open()
    t.is(log.some(line => line.startsWith('read no more than')), isCut)
    await store.close()
  })
}

test('four fleet members are remembered for each address, and a fifth evicts the least recent', t => {
  const contributions = new Contributions()
  const say = (member: string, successes: number, at: number): boolean => {
    const outcomes = new Outcomes(LONG)
    outcomes.add(successes, 0, at)

    return contributions.set({ member, outcomes })
  }
  const all = (): number => Math.round(contributions.posterior(0, 1, 100) * 1_000) / 1_000

  t.is(contributions.posterior(0.3, 2, 100), 0.3)
  t.deepEqual([say('a', 0.1, 50), say('b', 0.2, 20), say('c', 0.3, 30), say('d', 0.4, 40)], [true, true, true, true])
  t.is(all(), 0.5)
  t.false(say('a', 9, 50), 'no newer than before')
  t.false(say('e', 9, 20), 'no newer than the oldest')
  t.true(say('e', 0.5, 21))
  // 1.3 successes of 2.3
  t.is(all(), 0.565)
  const tied = new Contributions()
  ;['a', 'b', 'c', 'd', 'e'].forEach((member, i) => {
    const outcomes = new Outcomes(LONG)
    outcomes.add(i === 0 ? 1 : 0, 0, i < 2 ? 20 : 30 + i)
    tied.set({ member, outcomes })
  })
  t.is(tied.posterior(0, 1, 100), 0, 'of two that are as old the first goes')
  t.true(say('d', 9, 60))
  // 2 own observations at most, of 3
  t.is(all(), 0.667)
})

test('fleet evidence of fewer than 10,000 peers and addresses is kept', t => {
  const evidence = new FleetEvidence()
  const merge = (from: number, to: number): number => {
    const peers = Array.from({ length: to - from }, (_, n): PeerRow => [`${from + n}`, [1, 0, 0], [['/ip4/7.7.7.7/tcp/1', 1, 0, 0]]])
    evidence.merge({ member: 'one', at: 0, peers }, 1, 0)

    return [...evidence.addresses].length + [...evidence.peers].length
  }

  t.is(merge(0, 9_999), 2 * 9_999)
  t.is(merge(9_999, 10_000), 10_000)
})

test('the estimate of an address where another peer answered is 0.001, also without evidence of its peer', t => {
  const { history, attempt } = learning()
  attempt(one, { fails: 80, error: Object.assign(new Error('x'), { name: 'UnexpectedPeerError' }) })
  t.is(history.networks.current.peers.get(`${peer}`), undefined)
  t.is(history.estimate(one).valid, 0.001)
  t.is(history.estimate(one).strength, 4, 'as many observations as the class counts what is believed')
})

test('a failure is counted for an address whose peer is unknown', t => {
  const { history, attempt } = learning()
  attempt(one, { fails: 80, error: Object.assign(new Error('x'), { name: 'UnexpectedPeerError' }) })
  t.is(history.failures(one)?.count, 1)
})

test('a failed handshake and a silent attempt each count as one failure of the class', t => {
  for (const ending of [{ fails: 80, heard: 30, error: systemError('ECONNRESET') }, { fails: 6_000 }]) {
    const { history, attempt } = learning()
    attempt(to('/ip4/7.7.7.7/tcp/1'), ending)
    t.is(history.networks.current.classes.get('tcp public 4')?.outcomes.failures, 1)
  }
})

test('a callers\' timeout after an answer is a failure from twice the connection time on', t => {
  const error = Object.assign(new Error('x'), { name: 'TimeoutError' })

  for (const [elapsed, heard, count] of [[497, 80, undefined], [498, 80, 1], [497, undefined, 1]] as const) {
    const { history, attempt } = learning()
    attempt(one, { fails: elapsed, heard, error })
    t.is(history.failures(one)?.count, count, `${elapsed}`)
  }
})

test('an attempt is short until twice the connection time', t => {
  const estimate = learning().history.estimate(one)
  t.deepEqual([2 * estimate.connect - 1, 2 * estimate.connect].map(elapsed => isShort(elapsed, true, estimate)), [true, false])
})

test('estimates are zero when the belief says that no peer is online', t => {
  const { valid, success } = learning({ belief: { success: 0, online: 0 } }).history.estimate(one)
  t.deepEqual([valid, success], [0, 0])
})

test('each level weighs the wider level\'s estimate as a number of observations', t => {
  const knowledge = new Knowledge(belief({ success: 0.5, online: 1 }), () => {})
  const keys = { ...keysOf(one), prefix: 'prefix', source: 'dht' }
  const now = 0
  const validOf = (): number => Math.round((estimateOf(keys, knowledge, belief({ success: 0.5, online: 1 }), new VirtualClock(now))?.valid ?? 0) * 1e6) / 1e6
  const mean = (successes: number, strength: number, prior: number): number => (successes + strength * prior) / (successes + strength)
  const steps: number[] = []
  const expected: number[] = []
  let prior = 0.5
  const step = (strength: number): void => {
    prior = mean(1, strength, prior)
    expected.push(Math.round(prior * 1e6) / 1e6)
    steps.push(validOf())
  }
  const tables = knowledge as any
  const record = (level: string, key: string): void => {
    tables.renew(level, key).outcomes.add(1, 0, now)
  }

  record('classes', keys.pathClass)
  step(4)
  record('prefixes', 'prefix')
  step(4)
  tables.renew('peers', keys.peer).makeClass(keys.pathClass).add(1, 0, now)
  step(3)
  record('addresses', keys.address)
  step(2)
  t.deepEqual(steps, expected)

  tables.renew('sources', 'dht').outcomes.add(0, 1, now)
  const online = (): number => Math.round((estimateOf(keys, knowledge, belief({ success: 0.5, online: 1 }), new VirtualClock(now))?.success ?? 0) / validOf() * 1e4) / 1e4
  t.is(online(), 0.8)
  tables.renew('peers', keys.peer).online.add(0, 1, now)
  t.is(online(), Math.round(2 * 0.8 / 3 * 1e4) / 1e4)
})
