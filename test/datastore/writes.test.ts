import test from 'ava'
import { settled } from '../../src/testing/virtual-clock.ts'
import { HOUR, scene, SECOND } from './kit.ts'

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
