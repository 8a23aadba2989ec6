import test from 'ava'
import { Key } from 'interface-datastore/key'
import { encodeRecord } from '../../src/datastore/record-format.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { HOUR, never, PREFIX, scene, SECOND } from './kit.ts'
import { TurnCounter } from './turn-counter.ts'

const good = { key: new Key(`${PREFIX}a`), value: encodeRecord(1, `${PREFIX}a`, 'stored') }
const other = { key: new Key(`${PREFIX}b`), value: encodeRecord(1, `${PREFIX}b`, 'stored') }

test('a store reads the values that an earlier store wrote', async t => {
  const first = scene()
  await first.store.open()
  first.change('a', { text: 'ünï', list: [1, null] })
  await first.store.close()
  const { store, values, log } = scene({ datastore: first.datastore })
  t.false(store.isLoaded)
  await store.open()
  t.true(store.isLoaded)
  t.deepEqual([...values], [['a', { text: 'ünï', list: [1, null] }]])
  t.deepEqual(log, [])
})

for (const [how, query] of Object.entries<() => any>({
  'an iterable': () => [good, other],
  'an async iterable': async function * () { yield * [good, other] }
})) {
  test(`a store reads records from a query that returns ${how}`, async t => {
    const { store, datastore, restored, log } = scene()
    datastore.query = query
    await store.open()
    t.deepEqual([restored, log], [['a', 'b'], []])
  })
}

test('invalid records are skipped and counted in the log, and the others are read', async t => {
  const { store, datastore, restored, log } = scene()
  const garbage: any[] = [null, undefined, 7, 'x', {}, { key: Object.create(null) }, { key: other.key }, { value: good.value }, { key: new Key(`${PREFIX}c`), value: null }, { key: new Key(`${PREFIX}d`), value: good.value }]
  datastore.query = (): any => [...garbage, good]
  await store.open()
  t.deepEqual(restored, ['a'])
  t.deepEqual(log, ['skipped %d records of %s, %s first: they are damaged, or of another version 4 letters one without a key'])
})

test('a damaged or incompatible record stays in the datastore until it changes', async t => {
  const { store, clock, datastore, change, values } = scene()
  datastore.stored('new version', 'x', 2).stored('cannot be read', 'unreadable').stored('good')
  const before = await Promise.all(['new version', 'cannot be read'].map(async name => datastore.get(new Key(PREFIX + name))))
  await store.open()
  t.deepEqual([...values.keys()], ['good'])
  change('good')
  await clock.advance(HOUR)
  t.deepEqual(await Promise.all(['new version', 'cannot be read'].map(async name => datastore.get(new Key(PREFIX + name)))), before)

  change('new version', 'mine')
  store.changed('cannot be read')
  await clock.advance(SECOND)
  t.deepEqual(datastore.keys, ['/letters/new version', '/letters/good'])
})

test('a value that is no Uint8Array is not copied before it is overwritten', async t => {
  const { store, clock, datastore, change } = scene({ unreadablePrefix: '/old-letters/' })
  // `any`: a value that only JavaScript can store
  datastore.query = () => [{ key: new Key('/letters/a'), value: { length: 3 } as any }]
  await store.open()
  change('a')
  await clock.advance(SECOND)
  t.deepEqual(datastore.batches, [['/letters/a']])
  await store.close()
})

test('a record that cannot be read is copied before it is overwritten or deleted, with unreadablePrefix', async t => {
  const { store, clock, datastore, change } = scene({ unreadablePrefix: '/old-letters/' })
  datastore.stored('a', 'x', 2).stored('b', 'unreadable')
  await store.open()
  change('a')
  store.changed('b')
  await clock.advance(SECOND)
  t.deepEqual(datastore.keys.map(key => key.replace(/-\d+$/, '')), ['/letters/a', '/old-letters/a', '/old-letters/b'])

  datastore.batches.length = 0
  change('a')
  store.changed('b')
  await clock.advance(SECOND)
  t.deepEqual(datastore.batches, [['/letters/a']], 'each is copied once')
})

for (const [how, query] of Object.entries<() => any>({
  'yields nothing that can be iterated': () => undefined,
  throws: () => { throw new Error('locked') },
  'throws half way': function * () {
    yield good
    throw new Error('locked')
  },
  rejects: () => rejecting(new Error('locked')),
  'rejects with a TypeError': () => rejecting(new TypeError('locked')),
  'rejects with null': () => rejecting(null)
})) {
  test(`nothing is overwritten while a read ${how}, and the log says why`, async t => {
    const { store, clock, datastore, log, change } = scene()
    datastore.stored('a')
    let reads = 0
    datastore.query = () => {
      reads++

      return query()
    }
    t.is(store.loadError?.message, 'The letters could not be read yet: the datastore has not answered')
    await store.open()
    change('a')
    await clock.advance(HOUR)
    t.true(reads > 100)
    t.deepEqual(datastore.writes, [])
    t.is(log.length, reads)
    t.false(store.isLoaded)
    t.regex(store.loadError?.message ?? '', /^The letters could not be read from the datastore: /)
    await store.close()
    t.deepEqual(datastore.writes, [])
    t.is(log.at(-1), 'did not write %s: the datastore has some that could not be read letters')
    t.is(clock.pending, 0)
  })
}

test('a failed read is retried after 1 s, doubled up to 30 s, and changes are written after it succeeds', async t => {
  const { store, clock, datastore, log, change } = scene({ delay: 0 })
  datastore.onRead = async attempt => { if (attempt < 9) { throw new Error('locked') } }
  await store.open()
  change()
  await store.open()
  await clock.advance(90 * SECOND)
  t.deepEqual(datastore.reads, [0, 1, 3, 7, 15, 31, 61].map(at => at * SECOND))
  t.deepEqual(datastore.writes, [])
  t.is(log.length, 7)
  t.is(clock.pending, 1)

  await store.close()
  t.is(clock.pending, 0)
  await clock.advance(HOUR)
  t.is(datastore.reads.length, 7)
  await store.open()
  await clock.advance(SECOND)
  t.deepEqual([datastore.reads.length, datastore.writes.length], [9, 1])
})

test('onRead() is called after each attempt to read', async t => {
  const calls: boolean[] = []
  const { store, clock, datastore } = scene({ onRead: () => { calls.push(store.isLoaded) } })
  datastore.onRead = async attempt => { if (attempt < 3) { throw new Error('locked') } }
  await store.open()
  await clock.advance(HOUR)
  t.deepEqual(calls, [false, false, true])
  t.is(store.loadError, undefined)
})

test('a repeated read does not restore a record that was deleted meanwhile', async t => {
  const { store, clock, datastore, restored, values } = scene()
  let failures = 0
  datastore.query = function * (): any {
    yield good

    if (failures++ === 0) {
      throw new Error('torn')
    }

    yield other
  }
  await store.open()
  values.delete('a')
  await clock.advance(SECOND)
  t.deepEqual([restored, [...values.keys()]], [['a', 'b'], ['b']])
})

test('open() resolves 10 s after a read that hangs, and writes nothing before it ends', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { store, clock, datastore, log, change, values } = scene()
  datastore.stored('late').onRead = async () => promise
  change()
  await clock.until(store.open())
  t.is(clock.now(), 10 * SECOND)
  t.deepEqual(log, ['could not %s within %d s: the datastore has not answered. No other attempt is made before read letters 10'])
  await store.open()
  t.is(clock.now(), 10 * SECOND, 'opening again waits no longer')

  change()
  await clock.advance(HOUR)
  t.deepEqual(datastore.writes, [])
  t.is(datastore.reads.length, 1)
  resolve()
  await clock.advance(SECOND)
  t.is(datastore.writes.length, 1)
  t.true(values.has('late'))
})

test('close() while a read hangs logs that changes are not written', async t => {
  const { store, clock, datastore, log, change } = scene()
  datastore.onRead = never
  const opened = store.open()
  change()
  await clock.advance(3 * SECOND)
  await clock.until(store.close())
  await opened
  t.is(clock.now(), 10 * SECOND)
  t.deepEqual(datastore.writes, [])
  t.is(log[1], 'did not write %s: the datastore has some that could not be read letters')
  t.is(clock.pending, 0)
})

test('close() aborts a read that hangs, and open() starts another', async t => {
  const signals: Array<AbortSignal | undefined> = []
  const reads = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const { store, clock, datastore, log, change } = scene({ delay: 0 })
  datastore.onRead = async (attempt, signal) => {
    signals.push(signal)

    return reads[attempt - 1]?.promise
  }
  await clock.until(store.open())
  t.false(signals[0]?.aborted)
  await store.close()
  t.true(signals[0]?.aborted)

  const opened = store.open()
  change()
  reads[0]?.resolve()
  await settled()
  t.deepEqual([datastore.writes.length, store.isLoaded], [0, false])
  reads[1]?.resolve()
  await opened
  t.deepEqual([store.isLoaded, signals[1]?.aborted], [true, false])
  await store.close()
  t.deepEqual([signals.length, datastore.writes.length, log.length, clock.pending], [2, 1, 1, 0])
})

test('a read that was aborted and fails later is not retried', async t => {
  const { promise, reject } = Promise.withResolvers<void>()
  const { store, clock, datastore } = scene()
  datastore.onRead = async () => promise
  await clock.until(store.open())
  await store.close()
  reject(new Error('late'))
  await clock.advance(HOUR)
  t.deepEqual([datastore.reads.length, clock.pending], [1, 0])
})

for (const [how, query] of Object.entries<() => any>({
  'an iterable': function * () { while (true) { yield good } },
  'an async iterable': async function * () { yield null; while (true) { yield good } }
})) {
  test(`at most maxRead records are read from ${how} without end, and damaged ones are logged`, async t => {
    const { store, datastore, restored, log } = scene({ maxRead: 10 })
    datastore.query = query
    await store.open()
    t.deepEqual(restored, ['a'])
    t.is(log[0], 'read no more than %d records of %s under %s. Others are read before they are overwritten 10 letters /letters/')
    t.is(log.length, how === 'an iterable' ? 1 : 2)
  })
}

test('a record beyond maxRead is read before it is overwritten, and no other', async t => {
  const { store, clock, datastore, restored, change } = scene({ maxRead: 10 })
  Array.from({ length: 13 }, (_, i) => { datastore.stored(`${i}`) })
  await store.open()
  restored.length = 0
  Array.from({ length: 11 }, (_, i) => { change(`${i}`) })
  change('new')
  await clock.advance(SECOND)
  t.deepEqual(restored, ['10'])

  change('new', 'newer')
  change('10', 'newer')
  await clock.advance(SECOND)
  t.deepEqual(restored, ['10'], 'what it has written itself is not read')

  store.changed('11')
  await clock.advance(SECOND)
  t.deepEqual(restored, ['10'], 'what is deleted is not read')
  t.false(datastore.keys.includes('/letters/11'))
  t.true(datastore.keys.includes('/letters/12'))
})

test('other records are written although one beyond maxRead cannot be read', async t => {
  const { store, clock, datastore, change } = scene({ maxRead: 1 })
  datastore.stored('0').stored('1')
  const has = datastore.has.bind(datastore)
  datastore.has = key => {
    if (key.name() === '1') {
      throw new Error('bad sector')
    }

    return has(key)
  }
  await store.open()
  Array.from({ length: 100 }, (_, i) => { change(`${i}`) })
  await clock.advance(10 * SECOND)
  t.true(datastore.batches.flat().length >= 50)
  t.false(datastore.batches.flat().includes('/letters/1'))
  await store.close()
})

test('records in alwaysRead are read beyond maxRead', async t => {
  const { store, datastore, restored } = scene({ maxRead: 10, alwaysRead: ['1', '15', 'missing'] })
  Array.from({ length: 20 }, (_, i) => { datastore.stored(`${i}`) })
  await store.open()
  t.deepEqual(restored.slice(10), ['15'])
})

test('close() aborts a read of an alwaysRead record that hangs', async t => {
  const { store, clock, datastore, restored } = scene({ maxRead: 1, alwaysRead: ['1'] })
  datastore.stored('0').stored('1')
  const has = datastore.has.bind(datastore)
  datastore.has = never
  await clock.until(store.open())
  await store.close()
  datastore.has = has
  await store.open()
  t.true(store.isLoaded)
  t.deepEqual(restored, ['0', '1'])
})

test('no record is looked up before writes when all were read', async t => {
  const { store, clock, datastore, change } = scene()
  datastore.has = () => t.fail('asks')
  await store.open()
  change()
  await clock.advance(SECOND)
  t.is(datastore.batches.length, 1)
})

test('a turn of the event loop reads at most 64 KiB, and at least one record', async t => {
  const perTurn = new TurnCounter()
  const { store, datastore } = scene({ records: { has: () => true, encode: () => undefined, restore: name => {
    perTurn.add()

    return name
  } } })
  Array.from({ length: 100 }, (_, i) => { datastore.stored(`${i}`, 'x'.repeat(20_000)) })
  await store.open()
  t.deepEqual([perTurn.max, perTurn.turns], [4, 25])
})

test('a turn of the event loop reads exactly 64 KiB, and invalid records do not count', async t => {
  const perTurn = new TurnCounter()
  const { store, datastore } = scene({ records: { has: () => true, encode: () => undefined, restore: name => {
    perTurn.add()

    return name
  } } })
  // the record adds a header of 5 bytes and two quotes
  const half = 'x'.repeat(32_768 - 7)
  const records = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => ({ key: new Key(PREFIX + name), value: encodeRecord(1, PREFIX + name, half) }))
  datastore.query = (): any => [null, ...records]
  await store.open()
  t.deepEqual([perTurn.max, perTurn.turns], [3, 2])
})

async function * rejecting (err: unknown): AsyncGenerator {
  yield null
  throw err
}
