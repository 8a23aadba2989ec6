import test from 'ava'
import { pairOf, scene, SECOND } from './kit.ts'

const good = pairOf('a')

for (const [how, query] of Object.entries<() => any>({
  'an iterable': function * () { while (true) { yield good } },
  'an async iterable': async function * () { yield null; while (true) { yield good } }
})) {
  test(`at most maxRead records are read from ${how} without end, and damaged ones are logged`, async t => {
    const { store, datastore, restored, log } = scene({ maxRead: 10 })
    datastore.query = query
    await store.open()
    t.deepEqual(restored, ['a'])
    t.is(log[0], 'read no more than %d records of %s under %s. Others are read before they are overwritten 10 letters /letters/')
    t.is(log.length, how === 'an iterable' ? 1 : 2)
  })
}

test('a record beyond maxRead is read before it is overwritten, and no other', async t => {
  const { store, clock, datastore, restored, change } = scene({ maxRead: 10 })
  Array.from({ length: 13 }, (_, i) => { datastore.stored(`${i}`) })
  await store.open()
  restored.length = 0
  Array.from({ length: 11 }, (_, i) => { change(`${i}`) })
  change('new')
  await clock.advance(SECOND)
  t.deepEqual(restored, ['10'])

  change('new', 'newer')
  change('10', 'newer')
  await clock.advance(SECOND)
  t.deepEqual(restored, ['10'], 'what it has written itself is not read')

  store.changed('11')
  await clock.advance(SECOND)
  t.deepEqual(restored, ['10'], 'what is deleted is not read')
  t.false(datastore.keys.includes('/letters/11'))
  t.true(datastore.keys.includes('/letters/12'))
})

test('other records are written although one beyond maxRead cannot be read', async t => {
  const { store, clock, datastore, change } = scene({ maxRead: 1 })
  datastore.stored('0').stored('1')
  const has = datastore.has.bind(datastore)
  datastore.has = key => {
    if (key.name() === '1') {
      throw new Error('bad sector')
    }

    return has(key)
  }
  await store.open()
  Array.from({ length: 100 }, (_, i) => { change(`${i}`) })
  await clock.advance(10 * SECOND)
  t.true(datastore.batches.flat().length >= 50)
  t.false(datastore.batches.flat().includes('/letters/1'))
  await store.close()
})

test('records in alwaysRead are read beyond maxRead', async t => {
  const { store, datastore, restored } = scene({ maxRead: 10, alwaysRead: ['1', '15', 'missing'] })
  Array.from({ length: 20 }, (_, i) => { datastore.stored(`${i}`) })
  await store.open()
  t.deepEqual(restored.slice(10), ['15'])
})

test('no record is looked up before writes when all were read', async t => {
  const { store, clock, datastore, change } = scene()
  datastore.has = () => t.fail('asks')
  await store.open()
  change()
  await clock.advance(SECOND)
  t.is(datastore.batches.length, 1)
})
