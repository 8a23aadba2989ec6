import test from 'ava'
import { turnEnd } from '../../src/datastore/turn-limits.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { HOUR, never, scene, SECOND } from './kit.ts'
import type { Key } from 'interface-datastore'

for (const [how, fail] of Object.entries({
  rejects: async () => { throw new Error('disk full') },
  'throws at once': () => { throw new Error('disk full') },
  'rejects with null': async () => { throw null as unknown as Error },
  'rejects with a TypeError': async () => { throw new TypeError('disk full') }
})) {
  test(`a write that ${how} is retried after 1 s, doubled up to 5 min, regardless of new changes`, async t => {
    const { store, clock, datastore, log, change } = scene()
    datastore.onWrite = fail
    await store.open()

    for (let i = 0; i < 3 * HOUR / SECOND; i++) {
      change()
      await clock.advance(SECOND)
    }

    const pauses = datastore.writes.map((at, i, writes) => (at - (writes[i - 1] ?? 0)) / SECOND)
    t.deepEqual(pauses.slice(0, 12), [1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    t.true(pauses.slice(12).every(pause => pause === 300))
    t.is(log.length, pauses.length)
    t.regex(log[0] ?? '', /^could not %s - %e write letters/)
    t.is(clock.pending, 1)
    await store.close()
    t.is(clock.pending, 0)
  })
}

test('writes use the normal delay again after the datastore recovers', async t => {
  const { store, clock, datastore, change } = scene()
  datastore.onWrite = async attempt => { if (attempt < 5) { throw new Error('disk full') } }
  await store.open()
  change()
  await clock.advance(20 * SECOND)
  t.deepEqual(datastore.writes, [1, 2, 4, 8, 16].map(at => at * SECOND))
  change('b')
  await clock.advance(SECOND)
  t.deepEqual(datastore.batches, [['/letters/a'], ['/letters/b']])
})

test('only changed records are written, and removed ones are deleted once', async t => {
  const { store, clock, datastore, values, change } = scene()
  await store.open()
  change('a')
  change('b')
  await clock.advance(999)
  t.deepEqual(datastore.batches, [])
  await clock.advance(1)
  change('b', 'newer')
  values.delete('a')
  store.changed('a')
  await clock.advance(SECOND)
  t.deepEqual(datastore.batches, [['/letters/a', '/letters/b'], ['/letters/b', 'not /letters/a']])
  store.changed('a')
  await clock.advance(SECOND)
  t.is(datastore.batches.length, 2, 'it is deleted once')
  t.is(clock.pending, 0)
})

test('a record that was never written and has no value is not deleted', async t => {
  const { store, clock, datastore } = scene()
  await store.open()
  store.changed('gone')
  await clock.advance(HOUR)
  t.deepEqual(datastore.writes, [])
})

test('without a delay, the changes of one turn are written together, and a failure is retried after 1 s', async t => {
  const { store, clock, datastore, change } = scene({ delay: 0 })
  datastore.onWrite = async attempt => { if (attempt > 1) { throw new Error('disk full') } }
  await store.open()
  change('a')
  change('b')
  await settled()
  t.deepEqual(datastore.batches, [['/letters/a', '/letters/b']])
  change('a')
  await settled()
  change('b')
  await settled()
  t.is(datastore.writes.length, 2)
  await clock.advance(3 * SECOND)
  t.deepEqual(datastore.writes, [0, 0, 1, 3].map(at => at * SECOND))
  await store.close()
})

test('a write that hangs is logged after 10 s, and no other starts before it ends', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { store, clock, datastore, log, change } = scene()
  datastore.onWrite = async attempt => attempt === 1 ? promise : undefined
  await store.open()
  change()
  await clock.advance(SECOND)

  for (let i = 0; i < 600; i++) {
    change()
    await clock.advance(SECOND)
  }

  t.is(datastore.writes.length, 1)
  t.deepEqual(log, ['could not %s within %d s: the datastore has not answered. No other attempt is made before write letters 10'])
  t.is(clock.pending, 0)
  resolve()
  await clock.advance(SECOND)
  t.is(datastore.writes.length, 2)
})

test('no other write starts while one hangs, also after close() and open()', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { store, clock, datastore, change } = scene()
  datastore.onWrite = async attempt => attempt === 1 ? promise : undefined
  await store.open()
  change('a')
  await clock.advance(SECOND)
  await clock.until(store.close())
  await store.open()
  change('b')
  await clock.advance(HOUR)
  t.is(datastore.writes.length, 1)
  resolve()
  await clock.advance(SECOND)
  t.deepEqual(datastore.batches, [['/letters/a'], ['/letters/b']])
})

test('close() waits for a write that hangs until 10 s after the start of the write, and no longer', async t => {
  const { store, clock, datastore, log, change } = scene()
  datastore.onWrite = never
  await store.open()
  change()
  await clock.advance(4 * SECOND)
  change()
  await clock.until(store.close())
  t.is(clock.now(), 11 * SECOND)
  await store.close()
  t.is(clock.now(), 11 * SECOND)
  t.is(datastore.writes.length, 1)
  t.is(log.length, 1)
  t.is(clock.pending, 0)
})

test('close() resolves 10 s after its own last write hangs', async t => {
  const { store, clock, datastore, change } = scene()
  datastore.onWrite = never
  await store.open()
  change()
  await clock.until(store.close())
  t.is(clock.now(), 10 * SECOND)
})

test('a second close() writes changes made since the first', async t => {
  const { store, datastore, change } = scene()
  await store.open()
  await store.close()
  change()
  await store.close()
  t.is(datastore.batches.length, 1)
})

test('records are read once over several open() and close()', async t => {
  const { store, datastore } = scene()
  await store.open()
  await store.close()
  await store.open()
  await store.close()
  t.is(datastore.reads.length, 1)
})

test('a store that was never opened neither writes nor logs', async t => {
  const { store, datastore, log, change } = scene()
  change()
  await store.close()
  t.deepEqual([datastore.writes, log], [[], []])
})

test('close() does not retry a write that just failed', async t => {
  const { store, clock, datastore, log, change } = scene()
  const { promise, reject } = Promise.withResolvers<void>()
  datastore.onWrite = async () => promise
  await store.open()
  change()
  await clock.advance(SECOND)
  const closed = store.close()
  reject(new Error('disk full'))
  await closed
  t.deepEqual([datastore.writes.length, log.length, clock.pending], [1, 1, 0])
})

test('other batches are written although one fails repeatedly', async t => {
  const { store, clock, datastore, change } = scene()
  const batch = datastore.batch.bind(datastore)
  datastore.batch = () => {
    const made = batch()
    let hasBad = false

    return {
      ...made,
      put: (key: Key, value: Uint8Array) => {
        hasBad ||= key.name() === '7'
        made.put(key, value)
      },
      commit: async () => {
        if (hasBad) {
          throw new Error('too large')
        }

        await made.commit()
      }
    }
  }
  await store.open()
  Array.from({ length: 200 }, (_, i) => { change(`${i}`) })
  await clock.advance(10 * SECOND)
  t.true(datastore.keys.length >= 150)
  t.false(datastore.keys.includes('/letters/7'))
  await store.close()
})

test('names without a pending write are dropped while the datastore fails, so that about 1,000 are kept', async t => {
  const { store, clock, datastore, values, change } = scene()
  await store.open()
  Array.from({ length: 100 }, (_, i) => { change(`${i}`) })
  await clock.advance(SECOND)
  datastore.onWrite = async () => { throw new Error('disk full') }
  const asked = new Set<string>()
  const get = values.get.bind(values)
  values.get = name => {
    asked.add(name)

    return get(name)
  }

  // at most 100 have a value at a time, because evicted peers have none
  for (let i = 100; i < 50_000; i++) {
    values.delete(`${i - 100}`)
    store.changed(`${i - 100}`)
    change(`${i}`)
  }

  datastore.onWrite = undefined
  await store.close()
  t.deepEqual(datastore.keys.length, 100)
  t.true(datastore.keys.includes('/letters/49999'))
  t.true(asked.size <= 1_001)
})

test('marking 100,000 records as changed checks each less than twice on average', async t => {
  let looks = 0
  const { store } = scene({ records: { encode: () => 'value', restore: name => name, has: () => {
    looks++

    return true
  } } })
  Array.from({ length: 100_000 }, (_, i) => { store.changed(`${i}`) })
  t.true(looks < 200_000)
  await store.close()
})

test('a crash between two batches leaves whole records', async t => {
  const { store, clock, datastore, change } = scene()
  datastore.onWrite = async attempt => attempt === 4 ? never() : undefined
  await store.open()
  Array.from({ length: 200 }, (_, i) => { change(`${i}`, `value ${i}`) })
  await clock.advance(HOUR)

  datastore.onWrite = undefined
  const later = scene({ datastore })
  await later.store.open()
  t.deepEqual([...later.values], Array.from({ length: 150 }, (_, i) => [`${i}`, `value ${i}`]))
  t.deepEqual(later.log, [])
})

test('10,000 changed records are written in batches of at most 50 a turn of the event loop', async t => {
  const { store, datastore, change } = scene()
  await store.open()
  Array.from({ length: 10_000 }, (_, i) => { change(`${i}`) })
  await store.close()
  t.is(datastore.keys.length, 10_000)
  t.is(datastore.batches.length, 200)
  t.is(datastore.perTurn.max, 50)
})

test('fewer records are written in one turn of the event loop when they are large', async t => {
  const { store, datastore, change } = scene()
  await store.open()
  Array.from({ length: 20 }, (_, i) => { change(`${i}`, 'x'.repeat(20_000)) })
  change('huge', 'x'.repeat(1_000_000))
  change('last')
  await store.close()
  t.is(datastore.keys.length, 22)
  t.true(datastore.perTurn.max <= 4)
  t.true(datastore.batches.some(keys => keys.includes('/letters/huge') && !keys.includes('/letters/last')))
})

test('a record that changes while it is written is written again', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { store, clock, datastore, change } = scene()
  datastore.onWrite = async attempt => attempt === 1 ? promise : undefined
  await store.open()
  change('a', 'old')
  await clock.advance(SECOND)
  change('a', 'new')
  resolve()
  await clock.advance(SECOND)
  t.is(datastore.batches.length, 2)
  const later = scene({ datastore })
  await later.store.open()
  t.is(later.values.get('a'), 'new')
})

test('a record that a failed write may have stored is deleted once it has no value', async t => {
  const { store, clock, datastore, values, change } = scene()
  await store.open()
  datastore.onWrite = async attempt => {
    // the datastore stores the batch, and then reports a failure
    if (attempt === 1) {
      datastore.stored('a', 'new')
      throw new Error('no answer')
    }
  }
  change()
  await clock.advance(SECOND)
  values.delete('a')
  store.changed('a')
  await clock.advance(SECOND)
  t.deepEqual(datastore.keys, [])
  await store.close()
})

test('at most 10,000 records of failed writes are remembered', async t => {
  const { store, clock, datastore, values, change } = scene()
  await store.open()
  datastore.onWrite = async () => { throw new Error('disk full') }
  // 300 failures, of 50 records each
  Array.from({ length: 15_000 }, (_, i) => `${i}`).forEach(name => { change(name) })
  await clock.advance(30 * HOUR)
  t.true(datastore.writes.length >= 300)
  values.clear()
  delete datastore.onWrite
  await clock.advance(300 * SECOND)

  // a turn of the event loop for each batch
  for (let turns = 0; turns <= 300; turns++) {
    await turnEnd()
  }

  await store.close()
  const deleted = datastore.batches.flat().length
  t.true(deleted >= 5_000 && deleted <= 10_000, `${deleted} deletions`)
})
