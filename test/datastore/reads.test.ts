import test from 'ava'
import { pairOf, scene } from './kit.ts'
import { TurnCounter } from './turn-counter.ts'

const [good, other] = [pairOf('a'), pairOf('b')]

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

/** Reads records. Returns the maximum number of records in a turn of the event loop, and the number of turns */
async function turnsFor (records: unknown[]): Promise<[most: number, turns: number]> {
  const perTurn = new TurnCounter()
  const { store, datastore } = scene({ records: { has: () => true, encode: () => undefined, restore: name => {
    perTurn.add()

    return name
  } } })
  datastore.query = (): any => records
  await store.open()

  return [perTurn.max, perTurn.turns]
}

test('a turn of the event loop reads at most 64 KiB, and at least one record', async t => {
  t.deepEqual(await turnsFor(Array.from({ length: 100 }, (_, i) => pairOf(`${i}`, 'x'.repeat(20_000)))), [4, 25])
})

test('a turn of the event loop reads exactly 64 KiB, and invalid records do not count', async t => {
  // the record adds a header of 5 bytes and two quotes
  const half = 'x'.repeat(32_768 - 7)
  t.deepEqual(await turnsFor([null, ...['a', 'b', 'c', 'd', 'e', 'f'].map(name => pairOf(name, half))]), [3, 2])
})
