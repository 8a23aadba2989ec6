import test from 'ava'
import { Key } from 'interface-datastore/key'
import { readRecords } from '../../src/datastore/read-records.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import type { Unreadable } from '../../src/datastore/read-records.ts'
import type { AbortOptions } from '@libp2p/interface'
import type { Datastore, Query } from 'interface-datastore'

const good = { key: new Key('/a/1'), value: Uint8Array.of(1) }

async function read (records: () => unknown, max: number = 10): Promise<Unreadable & { keys: string[] }> {
  const keys: string[] = []
  const unreadable = await readRecords({ query: records } as unknown as Datastore, '/a/', max, (key, value) => {
    if (value[0] !== 1) {
      throw new Error('not a record')
    }

    keys.push(key)
  }, new AbortController().signal)

  return { ...unreadable, keys }
}

test('reads what an iterable or an async iterable yields', async t => {
  t.deepEqual(await read(() => [good, good]), { keys: ['/a/1', '/a/1'], count: 0, first: undefined })
  t.deepEqual(await read(async function * () { yield good }), { keys: ['/a/1'], count: 0, first: undefined })
})

test('counts what is no record, and reads the others', async t => {
  const garbage = [null, undefined, 7, 'x', {}, { key: Object.create(null) }, { key: good.key }, { value: good.value }, { key: good.key, value: null }]
  t.deepEqual(await read(() => [...garbage, good]), { keys: ['/a/1'], count: 9, first: 'one without a key' })
  t.is((await read(() => [{ key: good.key, value: Uint8Array.of(2) }])).first, '/a/1')
})

test('rejects when there is nothing to iterate, and when that throws half way', async t => {
  await t.throwsAsync(read(() => undefined))
  await t.throwsAsync(read(() => { throw new Error('locked') }), { message: 'locked' })
  await t.throwsAsync(read(function * () {
    yield good
    throw new Error('torn')
  }), { message: 'torn' })
})

test('rejects when records never end', async t => {
  await t.throwsAsync(read(function * () { while (true) { yield good } }), { message: 'more than 10 records under /a/' })
  await t.throwsAsync(read(async function * () { while (true) { yield null } }), { message: /more than 10/ })
})

test('rejects when its signal aborts, tells the datastore, and reads nothing that comes later', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const controller = new AbortController()
  const keys: string[] = []
  let signal: AbortSignal | undefined
  const datastore = {
    query: async function * (_: Query, options: AbortOptions) {
      signal = options.signal
      yield good
      await promise
      yield good
    }
  }
  const reading = readRecords(datastore as unknown as Datastore, '/a/', 10, key => { keys.push(key) }, controller.signal)
  await settled()
  controller.abort(new Error('closed'))
  await t.throwsAsync(reading, { message: 'closed' })
  t.true(signal?.aborted)
  resolve()
  await settled()
  t.deepEqual(keys, ['/a/1'])
})
