import test from 'ava'
import { HOUR, pairOf, scene, SECOND } from './kit.ts'

const [good, other] = [pairOf('a'), pairOf('b')]

async function * rejecting (err: unknown): AsyncGenerator {
  yield null
  throw err
}

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
