import test from 'ava'
import { HOUR, never, scene, SECOND } from './kit.ts'

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
  t.true(datastore.batches.some(keys => keys.includes('/letters/huge') && !keys.includes('/letters/last')), JSON.stringify(datastore.batches))
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
