import test from 'ava'
import { settled } from '../../src/testing/virtual-clock.ts'
import { HOUR, never, scene, SECOND } from './kit.ts'

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

test('a read that hangs is logged after 10 s and then every 30 s, until it ends', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { store, clock, datastore, log } = scene()
  datastore.onRead = async () => promise
  await clock.until(store.open())
  await clock.advance(61 * SECOND)
  t.deepEqual(log.map(line => line.split(' ').at(-1)), ['10', '40', '70'])
  resolve()
  await settled()
  t.is(clock.pending, 0)
  await store.close()
})
