import test from 'ava'
import { Key } from 'interface-datastore/key'
import { HOUR, pairOf, PREFIX, scene, SECOND } from './kit.ts'

const [good, other] = [pairOf('a'), pairOf('b')]

test('invalid records are skipped and counted in the log, and the others are read', async t => {
  const { store, datastore, restored, log } = scene({ unreadablePrefix: '/old-letters/' })
  const garbage: any[] = [null, undefined, 7, 'x', {}, { key: Object.create(null) }, { key: other.key }, { value: good.value }, { key: new Key(`${PREFIX}c`), value: null }, { key: new Key(`${PREFIX}d`), value: good.value }, { key: new Key(`${PREFIX}e`), value: Object.create(Uint8Array.prototype) }]
  datastore.query = (): any => [...garbage, good]
  await store.open()
  t.deepEqual(restored, ['a'])
  t.deepEqual(log, ['skipped %d records of %s, %s first: they are damaged, or of another version 5 letters one without a key'])
})

test('a damaged or incompatible record stays in the datastore until it changes', async t => {
  const { store, clock, datastore, change, values } = scene()
  datastore.stored('new version', 'x', 2).stored('cannot be read', 'unreadable').stored('good')
  const before = await Promise.all(['new version', 'cannot be read'].map(async name => datastore.get(new Key(PREFIX + name))))
  await store.open()
  t.deepEqual([...values.keys()], ['good'])
  change('good')
  await clock.advance(HOUR)
  t.deepEqual(await Promise.all(['new version', 'cannot be read'].map(async name => datastore.get(new Key(PREFIX + name)))), before)

  change('new version', 'mine')
  store.changed('cannot be read')
  await clock.advance(SECOND)
  t.deepEqual(datastore.keys, ['/letters/new version', '/letters/good'])
})

test('a value that is no Uint8Array is not copied before it is overwritten', async t => {
  const { store, clock, datastore, change } = scene({ unreadablePrefix: '/old-letters/' })
  // `any`: a value that only JavaScript can store
  datastore.query = () => [{ key: new Key('/letters/a'), value: { length: 3 } as any }]
  await store.open()
  change('a')
  await clock.advance(SECOND)
  t.deepEqual(datastore.batches, [['/letters/a']])
  await store.close()
})

test('a record that cannot be read is copied before it is overwritten or deleted, with unreadablePrefix', async t => {
  const { store, clock, datastore, change } = scene({ unreadablePrefix: '/old-letters/' })
  datastore.stored('a', 'x', 2).stored('b', 'unreadable')
  await store.open()
  change('a')
  store.changed('b')
  await clock.advance(SECOND)
  t.deepEqual(datastore.keys.map(key => key.replace(/-\d+$/, '')), ['/letters/a', '/old-letters/a', '/old-letters/b'])

  datastore.batches.length = 0
  change('a')
  store.changed('b')
  await clock.advance(SECOND)
  t.deepEqual(datastore.batches, [['/letters/a']], 'each is copied once')
})
