import test from 'ava'
import { HOUR, never, scene, SECOND } from './kit.ts'

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
