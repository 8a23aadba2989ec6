import test from 'ava'
import { settled } from '../../src/testing/virtual-clock.ts'
import { HOUR, never, scene, SECOND } from './kit.ts'
import type { Key } from 'interface-datastore'

for (const [how, fail] of Object.entries({
  rejects: async () => { throw new Error('disk full') },
  'throws at once': () => { throw new Error('disk full') },
  'rejects with null': async () => { throw null as unknown as Error },
  'rejects with a TypeError': async () => { throw new TypeError('disk full') }
})) {
  test(`repeats a write that ${how} after 1 s, doubled each time up to 5 min, whatever changes meanwhile`, async t => {
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

test('writes after the delay again once a datastore that failed for a while works', async t => {
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

test('writes only what has changed, and deletes what has no value any more', async t => {
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

test('writes nothing of a record that was never written, and has no value any more', async t => {
  const { store, clock, datastore } = scene()
  await store.open()
  store.changed('gone')
  await clock.advance(HOUR)
  t.deepEqual(datastore.writes, [])
})

test('writes at once without a delay, all changes of a turn together, and repeats a failure after 1 s', async t => {
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

test('logs a write that hangs after 10 s, and begins no other until it ends', async t => {
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

test('begins no other write until one that hangs ends, though it is closed and opened', async t => {
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

test('closes 10 s after the start of a write that hangs, and at once when that hangs longer', async t => {
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

test('closes 10 s after the start of its last write, when that hangs', async t => {
  const { store, clock, datastore, change } = scene()
  datastore.onWrite = never
  await store.open()
  change()
  await clock.until(store.close())
  t.is(clock.now(), 10 * SECOND)
})

test('writes with close() what has changed since it was closed', async t => {
  const { store, datastore, change } = scene()
  await store.open()
  await store.close()
  change()
  await store.close()
  t.is(datastore.batches.length, 1)
})

test('reads once, however often it is closed and opened', async t => {
  const { store, datastore } = scene()
  await store.open()
  await store.close()
  await store.open()
  await store.close()
  t.is(datastore.reads.length, 1)
})

test('writes nothing, and logs nothing, where it was never opened', async t => {
  const { store, datastore, log, change } = scene()
  change()
  await store.close()
  t.deepEqual([datastore.writes, log], [[], []])
})

test('does not repeat a write with close() that has just failed', async t => {
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

test('writes the other batches though one fails again and again', async t => {
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

test('remembers no names that need no write, however long a datastore takes none', async t => {
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

  // at most 100 at once have a value, as evicted peers have none any more
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

test('looks for names that need no write a few times, however many have one', async t => {
  let looks = 0
  const { store } = scene({ records: { encode: () => 'value', restore: name => name, has: () => {
    looks++

    return true
  } } })
  Array.from({ length: 100_000 }, (_, i) => { store.changed(`${i}`) })
  t.true(looks < 200_000)
  await store.close()
})

test('leaves whole records where the process ends between two writes', async t => {
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

test('writes 10,000 changed records, at most 50 in one turn of the event loop', async t => {
  const { store, datastore, change } = scene()
  await store.open()
  Array.from({ length: 10_000 }, (_, i) => { change(`${i}`) })
  await store.close()
  t.is(datastore.keys.length, 10_000)
  t.is(datastore.batches.length, 200)
  t.is(datastore.perTurn.max, 50)
})

test('writes fewer records in one turn of the event loop where they are large', async t => {
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

test('writes a record again that changes while it is written', async t => {
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
