import test from 'ava'
import { settled } from '../../src/testing/virtual-clock.ts'
import { HOUR, never, scene, SECOND } from './kit.ts'
import type { ExecutionContext } from 'ava'

/** Checks that a new store opens only after `end()`, and then reads what the former ones wrote */
async function readsAfter (t: ExecutionContext, { datastore, clock }: ReturnType<typeof scene>, end: () => void): Promise<void> {
  const { store, values } = scene({ datastore, clock })
  const opened = store.open()
  await settled()
  t.false(store.isLoaded)
  end()
  await opened
  t.deepEqual([...values], [['a', 'new']])
}

test('finish() writes changes immediately, and later changes are not written', async t => {
  const { store, clock, datastore, change } = scene()
  await store.open()
  change()
  store.finish()
  await settled()
  t.deepEqual(datastore.writes, [0])

  change()
  await clock.advance(HOUR)
  store.finish()
  await store.close()
  t.deepEqual(datastore.writes, [0])
  t.is(clock.pending, 0)
})

test('finish() without changes writes nothing, immediately or later', async t => {
  const { store, clock, datastore, change } = scene({ delay: 0 })
  await store.open()
  store.finish()
  change()
  await clock.advance(HOUR)
  await store.close()
  t.deepEqual(datastore.writes, [])
})

test('finish() waits for the write in flight, and writes later changes', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { store, datastore, change } = scene({ delay: 0 })
  datastore.onWrite = async attempt => attempt === 1 ? promise : undefined
  await store.open()
  change('a')
  await settled()
  change('b')
  store.finish()
  await settled()
  t.is(datastore.writes.length, 1)
  resolve()
  await store.close()
  t.deepEqual(datastore.batches, [['/letters/a'], ['/letters/b']])
})

test('a store reads after a store that was finished before has read and written', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = scene({ delay: 0 })
  first.datastore.onRead = async attempt => attempt === 1 ? promise : undefined
  void first.store.open()
  first.change()
  first.store.finish()
  await readsAfter(t, first, resolve)
})

test('a store opens after 10 s when a finished store still waits for the datastore', async t => {
  const first = scene()
  await first.store.open()
  first.datastore.onWrite = never
  first.change()
  first.store.finish()
  const second = scene({ datastore: first.datastore, clock: first.clock })
  await first.clock.until(second.store.open())
  t.is(first.clock.now(), 10 * SECOND)
  await first.clock.advance(SECOND)
  t.true(second.store.isLoaded)
  await second.store.close()
})

test('finish() does not retry a failed write', async t => {
  const { store, clock, datastore, log, change } = scene()
  datastore.onWrite = async () => { throw new Error('disk full') }
  await store.open()
  change()
  store.finish()
  await settled()
  store.finish()
  await store.close()
  await clock.advance(HOUR)
  t.deepEqual([datastore.writes.length, log.length], [1, 1])
})

test('a store reads after the last writes of all finished stores, in any order', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const slow = scene()
  const quick = scene({ datastore: slow.datastore, clock: slow.clock, prefix: '/cards/' })
  await Promise.all([slow.store.open(), quick.store.open()])
  slow.datastore.onWrite = async attempt => attempt === 1 ? promise : undefined
  slow.change()
  slow.store.finish()
  await settled()
  quick.store.finish()
  await readsAfter(t, slow, resolve)
})
