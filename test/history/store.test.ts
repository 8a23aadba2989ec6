import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore/key'
import { History } from '../../src/history/history.ts'
import { historyStore } from '../../src/history/store.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import { newPeer } from '../helpers/scripted.ts'
import { dose } from '../support/dose.ts'
import { attempt, connects, EVEN, HOUR, silent, systemError, to } from './learning.ts'
import type { Ending } from './learning.ts'
import type { RecordStore } from '../../src/datastore/record-store.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { Logger } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'
import type { Datastore, Pair } from 'interface-datastore'

const [peer, other] = await Promise.all([newPeer(), newPeer()])
const one = to('/ip4/7.7.7.7/tcp/1', peer)
const two = to('/ip6/2a01::1/udp/1/quic-v1', peer)
const three = to('/ip4/9.9.9.9/tcp/1/ws', other)

interface Life {
  clock: VirtualClock
  history: History
  store: RecordStore
  log: string[]
  tell (candidate: Candidate, ending: Ending): void
}

/** Opens the history of a node on a datastore */
async function live (datastore: Datastore, clock: VirtualClock = new VirtualClock(1_000_000)): Promise<Life> {
  const log: string[] = []
  const write = (...parts: unknown[]): void => { log.push(parts.join(' ')) }
  const history = new History(clock, EVEN)
  const store = historyStore(history.networks, datastore, clock, Object.assign(write, { error: write }) as unknown as Logger)
  await store.open()

  return { clock, history, store, log, tell: (candidate, ending) => { attempt(history, clock.now(), candidate, ending) } }
}

function everything ({ history }: Life): unknown {
  return [
    [one, two, three].map(one => [history.estimate(one), history.failures(one)]),
    [peer, other].map(peer => history.online(peer)),
    [history.path('udp'), history.path('ip6')]
  ]
}

function pairs (datastore: Datastore): Pair[] {
  return [...datastore.query({}) as Generator<Pair>]
}

/** A datastore that counts its writes */
class Counting extends MemoryDatastore {
  commits = 0

  override batch (): ReturnType<MemoryDatastore['batch']> {
    const batch = super.batch()

    return {
      ...batch,
      commit: async options => {
        this.commits++
        await batch.commit(options)
      }
    }
  }
}

test('evidence survives a restart', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.tell(one, connects)
  first.tell(two, silent)
  first.tell(two, silent)
  first.tell(three, { fails: 30, heard: 20, error: Object.assign(new Error('x'), { name: 'UnexpectedPeerError' }) })
  first.history.unreachable(other)
  await first.store.close()

  const second = await live(datastore)
  t.is(JSON.stringify(second.history.failures(two)), JSON.stringify({ count: 2, at: 1_000_000, isWrongPeer: false }))
  t.true(second.history.failures(three)?.isWrongPeer)
  isClose(t, everything(second), everything(first))
  t.deepEqual(second.log, [])
})

test('records that an outage changed are stored as they were before', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.tell(one, connects)
  first.tell(three, silent)
  await first.clock.advance(10_000)

  for (const address of [one, two, three]) {
    first.tell(address, silent)
  }

  first.history.unreachable(peer)
  await first.clock.advance(30_000)
  const during = await live(datastore, first.clock)
  t.deepEqual([one, two, three].map(one => during.history.failures(one)?.count), [1, 1, 2])

  first.history.connected(await newPeer())
  await first.clock.advance(30_000)
  const after = await live(datastore, first.clock)
  t.deepEqual([one, two, three].map(one => after.history.failures(one)?.count), [undefined, undefined, 1])
  isClose(t, everything(after), everything(first))
})

test('a node recognises its own export after a restart', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.tell(one, connects)
  const text = await first.history.export()
  await first.store.close()

  const second = await live(datastore)
  t.is(await second.history.merge(text), 0)
  t.is(JSON.parse(await second.history.export()).member, JSON.parse(text).member)
  isClose(t, everything(second), everything(first))
  t.deepEqual(second.log, [])
  t.is(await (await live(new MemoryDatastore())).history.merge(text), 1)
})

test('merged evidence is not stored', async t => {
  const [datastore, theirs] = [new MemoryDatastore(), await live(new MemoryDatastore())]
  theirs.tell(one, connects)
  const first = await live(datastore)
  await first.history.merge(await theirs.history.export())
  await first.clock.advance(30_000)
  await first.store.close()

  t.deepEqual(pairs(datastore), [])
})

test('stored evidence decays while the node is down', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore, new VirtualClock(100 * HOUR))
  Array.from({ length: 3 }, () => { first.tell(one, connects) })
  const { success } = first.history.estimate(one)
  await first.store.close()

  const later = await live(datastore, new VirtualClock(148 * HOUR))
  t.true(later.history.estimate(one).success < 0.51)
  // to a clock that was set back, the evidence counts as new
  const earlier = await live(datastore, new VirtualClock(1_000))
  t.true(Math.abs(earlier.history.estimate(one).success - success) < 1e-3)
  await earlier.clock.advance(48 * HOUR)
  t.true(earlier.history.estimate(one).success < 0.51)
})

test('changes are written at most every 30 s, and on close()', async t => {
  const datastore = new Counting()
  const { clock, store, tell } = await live(datastore)
  t.is(clock.pending, 0)

  tell(one, connects)
  tell(two, connects)
  await clock.advance(29_999)
  t.deepEqual([datastore.commits, clock.pending], [0, 1])
  await clock.advance(1)
  t.deepEqual([datastore.commits, clock.pending], [1, 0])

  await clock.advance(HOUR)
  t.is(datastore.commits, 1)

  tell(one, connects)
  await store.close()
  t.deepEqual([datastore.commits, clock.pending], [2, 0])

  tell(one, connects)
  await store.close()
  t.deepEqual([datastore.commits, clock.pending], [3, 0])
  await store.close()
  t.is(datastore.commits, 3)
})

test('finish() writes changes at once, and later changes are not written', async t => {
  const datastore = new Counting()
  const { clock, store, tell } = await live(datastore)
  tell(one, connects)
  store.finish()
  const second = await live(datastore)
  t.is(datastore.commits, 1)
  t.not(second.history.estimate(one), undefined)

  tell(two, connects)
  await clock.advance(HOUR)
  await store.close()
  t.is(datastore.commits, 1)
})

test('only changed records are written', async t => {
  const datastore = new MemoryDatastore()
  const { clock, store, tell } = await live(datastore)

  for (let n = 0; n < 200; n++) {
    tell(to(`/ip4/7.7.${n}.1/tcp/1`, peer), silent)
  }

  await clock.advance(30_000)
  const before = new Map(pairs(datastore).map(({ key, value }) => [key.toString(), value]))
  tell(to('/ip4/7.7.1.1/tcp/1', peer), silent)
  await store.close()
  const changed = pairs(datastore).filter(({ key, value }) => before.get(key.toString()) !== value).map(({ key }) => key.toString().split('/')[4] as string)

  t.deepEqual(changed.toSorted((a, b) => a.localeCompare(b)), ['addresses', 'classes', 'peers', 'prefixes'])
})

test('damaged, foreign and incompatible records are skipped and counted in the log', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  Array.from({ length: 100 }, (_, n) => { first.tell(to(`/ip4/7.7.${n}.1/tcp/1`, peer), connects) })
  await first.store.close()
  const [torn, newer, alien, moved] = pairs(datastore).filter(({ key }) => key.toString().includes('/addresses/')) as [Pair, Pair, Pair, Pair]
  await datastore.put(torn.key, torn.value.subarray(0, torn.value.length / 2))
  await datastore.put(newer.key, newer.value.with(0, 3))
  await datastore.put(alien.key, Uint8Array.from([0, 255, 1]))
  await datastore.put(new Key('/dial-pipeline/history/unnamed/what/0'), moved.value)
  await datastore.put(new Key('/dial-pipeline/history/unnamed/peers/0'), new TextEncoder().encode('null'))

  const second = await live(datastore)
  t.is(second.log.length, 1)
  t.regex(second.log[0] ?? '', /^skipped %d records .* 5 dial history \/dial-pipeline\/history\/unnamed\//)
  t.true([...second.history.networks.current.addresses].length > 50)
})

test('evidence gathered before the store is read is merged with it', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.tell(one, silent)
  first.tell(three, silent)
  await first.store.close()

  const clock = new VirtualClock(1_000_000)
  const history = new History(clock, EVEN)
  const store = historyStore(history.networks, datastore, clock, Object.assign(() => {}, { error: () => {} }) as unknown as Logger)
  attempt(history, clock.now(), one, connects)
  // the history was not read yet, so close() does not overwrite it
  await store.close()
  t.is((await live(datastore)).history.failures(one)?.count, 1)

  await store.open()
  t.is(history.failures(one), undefined)
  t.is(history.failures(three)?.count, 1)
  await clock.advance(30_000)
  await store.close()
  t.is((await live(datastore)).history.failures(one), undefined)
})

test('named networks are stored separately, and the unnamed one is deleted when it is left', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.tell(one, silent)
  await first.clock.advance(30_000)
  t.true(pairs(datastore).some(({ key }) => key.toString().startsWith('/dial-pipeline/history/unnamed/')))

  first.history.networkChanged('../home \ud800')
  first.tell(one, silent)
  first.tell(one, silent)
  first.history.networkChanged('café')
  await first.store.close()
  t.false(pairs(datastore).some(({ key }) => key.toString().startsWith('/dial-pipeline/history/unnamed/')))

  const second = await live(datastore)
  t.is(second.history.failures(one), undefined)
  second.history.networkChanged('../home \ud800')
  t.is(second.history.failures(one)?.count, 2)
})

test('a failing datastore is logged, and failed writes are repeated', async t => {
  const datastore = new Counting()
  const { batch } = datastore
  const { clock, store, tell, log } = await live(datastore)
  datastore.batch = () => { throw new Error('disk full') }
  tell(one, silent)
  await clock.advance(30_000)
  t.is(log[0], 'could not %s - %e write dial history Error: disk full')
  t.is(clock.pending, 1)

  datastore.batch = batch
  await store.close()
  t.is((await live(datastore)).history.failures(one)?.count, 1)

  datastore.query = () => { throw new Error('disk broken') }
  const { log: second } = await live(datastore)
  t.is(second[0], 'could not %s - %e read dial history Error: disk broken')
})

test('failed writes back off, and then write the remembered networks', async t => {
  const datastore = new MemoryDatastore()
  const { batch } = datastore
  const attempts: number[] = []
  const { clock, history, store, tell } = await live(datastore)
  datastore.batch = () => {
    let operations = 0
    const count = (): void => { operations++ }

    return {
      put: count,
      delete: count,
      commit: async () => {
        attempts.push(operations)
        throw new Error('disk full')
      }
    }
  }

  for (let n = 0; n < 360; n++) {
    history.networkChanged(`network ${n}`)
    tell(one, silent)
    await clock.advance(10_000)
  }

  t.is(attempts.length, 20, 'in an hour: after 1, 2, 4, … 256 s, then every 300 s')
  t.true(Math.max(...attempts) <= 50)

  datastore.batch = batch
  await store.close()
  const second = await live(datastore)
  second.history.networkChanged('network 359')
  t.is(second.history.failures(one)?.count, 1)
  t.true(pairs(datastore).every(({ key }) => /%20(35[2-9])/.test(key.toString())))
})

test('close() does not wait for a write that hangs', async t => {
  const datastore = new MemoryDatastore()
  const { clock, store, tell, log } = await live(datastore)
  datastore.batch = () => ({ put: () => {}, delete: () => {}, commit: async () => new Promise(() => {}) })
  tell(one, silent)
  await clock.until(store.close())
  t.is(log.length, 1)
  t.is(clock.pending, 0)
})

test('records read late are merged, and not overwritten before', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.tell(one, silent)
  first.tell(three, silent)
  await first.store.close()
  const before = pairs(datastore)

  const { promise, resolve } = Promise.withResolvers<void>()
  const query = datastore.query.bind(datastore)
  datastore.query = async function * (request) {
    yield before[0] as Pair
    await promise
    yield * query(request)
  }
  const clock = new VirtualClock(1_000_000)
  const { history, store, tell, log } = await clock.until(live(datastore, clock))
  t.is(log.length, 1)
  tell(one, connects)
  await clock.advance(HOUR)
  t.deepEqual([...query({}) as Generator<Pair>], before)

  resolve()
  await settled()
  t.is(history.failures(one), undefined)
  t.is(history.failures(three)?.count, 1)
  datastore.query = query
  await store.close()
  t.is((await live(datastore)).history.failures(one), undefined)
})

test('a failed read is repeated, and nothing is overwritten before it succeeds', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.tell(one, silent)
  first.tell(three, silent)
  await first.store.close()
  const before = pairs(datastore)

  let failures = 0
  const query = datastore.query.bind(datastore)
  datastore.query = async function * (request) {
    yield before[0] as Pair

    if (++failures < 5) {
      throw new Error('locked')
    }

    yield * query(request)
  }
  const { clock, history, store, tell, log } = await live(datastore)
  tell(one, connects)
  await clock.advance(14_999)
  t.deepEqual([...query({}) as Generator<Pair>], before)
  t.is(log.length, 4)
  await clock.advance(1)
  t.is(history.failures(three)?.count, 1)
  await store.close()
  t.is(clock.pending, 0)

  datastore.query = query
  const third = await live(datastore)
  t.is(third.history.failures(one), undefined)
  t.is(third.history.failures(three)?.count, 1)
})

test('the store reads the first 10,000 records and then writes', async t => {
  const datastore = new Counting()
  const query = datastore.query.bind(datastore)
  datastore.query = function * () {
    const pair = { key: new Key('/dial-pipeline/history/unnamed/peers/0'), value: new Uint8Array() }
    while (true) { yield pair }
  }
  const { store, tell, log } = await live(datastore)
  t.regex(log[0] ?? '', /^read no more than %d records .* 10000 dial history \/dial-pipeline\/history\/$/)
  t.regex(log[1] ?? '', /^skipped %d records /)
  tell(one, silent)
  await store.close()
  t.is(datastore.commits, 1)
  t.true([...query({}) as Generator<Pair>].length > 0)
})

test('a record beyond the first 10,000 is read before it is overwritten', async t => {
  const datastore = new MemoryDatastore()

  for (let i = 0; i < 10_000; i++) {
    await datastore.put(new Key(`/dial-pipeline/history/foreign/${i}`), Uint8Array.of(1))
  }

  const first = await live(datastore)
  first.tell(one, silent)
  await first.store.close()
  const second = await live(datastore)
  t.is(second.history.failures(one), undefined)
  second.tell(three, silent)
  second.history.networks.onChange?.(undefined)
  await second.store.close()

  for (let i = 0; i < 10_000; i++) {
    await datastore.delete(new Key(`/dial-pipeline/history/foreign/${i}`))
  }

  const third = await live(datastore)
  t.is(third.history.failures(one)?.count, 1)
  t.is(third.history.failures(three)?.count, 1)
})

test('networks beyond eight are deleted when they are read', async t => {
  const datastore = new MemoryDatastore()

  for (const letter of ['a', 'b']) {
    const other = new MemoryDatastore()
    const { history, store, tell } = await live(other)

    for (let n = 0; n < 8; n++) {
      history.networkChanged(`${letter}${n}`)
      tell(one, silent)
    }

    await store.close()
    pairs(other).forEach(({ key, value }) => { void datastore.put(key, value) })
  }

  const { store } = await live(datastore)
  await store.close()
  const networks = new Set(pairs(datastore).map(({ key }) => key.toString().split('/')[3]))
  t.is(networks.size, 8)
})

test('two writes run one after the other', async t => {
  const datastore = new Counting()
  const { batch } = datastore
  let running = 0
  let release = (): void => {}
  datastore.batch = () => {
    const made = batch.call(datastore)
    t.is(++running, 1)

    return {
      ...made,
      commit: async () => {
        await new Promise<void>(resolve => { release = resolve })
        await made.commit()
        running--
      }
    }
  }
  const { clock, store, tell } = await live(datastore)
  tell(one, silent)
  await clock.advance(30_000)
  tell(one, silent)
  const closed = store.close()
  await settled()
  release()
  await settled()
  release()
  await closed

  datastore.batch = batch
  t.is((await live(datastore)).history.failures(one)?.count, 2)
})

const ending: fc.Arbitrary<Ending> = fc.oneof(
  fc.record({ connects: fc.nat(10_000), heard: fc.option(fc.nat(100), { nil: undefined }) }),
  fc.record({ fails: fc.nat(10_000), error: fc.constantFrom(systemError('ECONNREFUSED'), systemError('ENETUNREACH')) }),
  fc.record({ cancelled: fc.nat(10_000) })
)

testProp('random evidence is the same after a restart', [fc.array(fc.tuple(fc.constantFrom(one, two, three), ending, fc.nat(HOUR)), { maxLength: 40 })], async (t, attempts) => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)

  for (const [candidate, ending, pause] of attempts) {
    first.tell(candidate, ending)
    await first.clock.advance(pause)
  }

  await first.store.close()
  const second = await live(datastore, first.clock)
  isClose(t, everything(second), everything(first))
}, { numRuns: dose(30) })

/** Compares with a tolerance, because stored numbers have four decimals */
function isClose (t: ExecutionContext, actual: unknown, expected: unknown): void {
  const [a, b] = [actual, expected].map(split) as [Split, Split]

  t.is(a.rest, b.rest)
  t.deepEqual(a.numbers.filter((number, i) => Math.abs(number - (b.numbers[i] ?? NaN)) > 1e-3 * Math.max(1, number)), [])
}

interface Split { rest: string, numbers: number[] }

function split (value: unknown): Split {
  const numbers: number[] = []
  const rest = JSON.stringify(value, (_, one: unknown) => {
    if (typeof one !== 'number') {
      return one
    }

    numbers.push(one)
    return '#'
  })

  return { rest, numbers }
}
