import test from 'ava'
import { turnEnd } from '../../src/datastore/turn-limits.ts'
import { HOUR, scene, SECOND } from './kit.ts'
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

for (const [how, batch] of Object.entries<() => any>({
  'throws at batch()': () => { throw new Error('disk full') },
  'throws at put()': () => ({ put: () => { throw new Error('disk full') } }),
  'has no batch': () => undefined
})) {
  test(`a write to a datastore that ${how} is retried until it succeeds`, async t => {
    const { store, clock, datastore, log, change } = scene()
    const works = datastore.batch.bind(datastore)
    datastore.batch = batch
    await store.open()
    change()
    await clock.advance(4 * SECOND)
    t.is(log.length, 3)
    datastore.batch = works
    await clock.advance(4 * SECOND)
    t.deepEqual(datastore.batches, [['/letters/a']])
    await store.close()
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
