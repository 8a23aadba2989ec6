import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore/key'
import { RecordReader } from '../../src/datastore/record-reader.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import type { AbortOptions, Logger } from '@libp2p/interface'
import type { Datastore, Query } from 'interface-datastore'

const good = { key: new Key('/a/1'), value: Uint8Array.of(1) }
const { signal } = new AbortController()

interface Scene {
  reader: RecordReader
  /** What was taken over */
  keys: string[]
  log: string[]
}

function scene (datastore: Partial<Record<keyof Datastore, unknown>>, max: number = 10): Scene {
  const keys: string[] = []
  const log: string[] = []
  const write = (...parts: unknown[]): void => { log.push(parts.join(' ')) }
  const reader = new RecordReader({
    datastore: datastore as Datastore,
    log: Object.assign(write, { error: write }) as unknown as Logger,
    name: 'letters',
    prefix: '/a/',
    max,
    take: (key, value) => {
      if (value[0] !== 1) {
        throw new Error('not a record')
      }

      keys.push(key)
    }
  })

  return { reader, keys, log }
}

for (const [how, query] of Object.entries({
  'an iterable': () => [good, { ...good, key: new Key('/a/2') }],
  'an async iterable': async function * () { yield * [good, { ...good, key: new Key('/a/2') }] }
})) {
  test(`reads what ${how} yields`, async t => {
    const { reader, keys, log } = scene({ query })
    t.true(reader.isIncomplete)
    await reader.readAll(signal)
    t.deepEqual([keys, log, reader.isIncomplete], [['/a/1', '/a/2'], [], false])
  })
}

test('skips what is no record, says how many, and reads the others', async t => {
  const garbage = [null, undefined, 7, 'x', {}, { key: Object.create(null) }, { key: new Key('/a/2') }, { value: good.value }, { key: new Key('/a/3'), value: null }, { key: new Key('/a/4'), value: Uint8Array.of(2) }]
  const { reader, keys, log } = scene({ query: () => [...garbage, good] }, 20)
  await reader.readAll(signal)
  t.deepEqual(keys, ['/a/1'])
  t.deepEqual(log, ['skipped %d records of %s, %s first: they are damaged, or of another version 4 letters one without a key'])
  t.deepEqual([...reader.unreadable], ['one without a key', '/a/2', '/a/3', '/a/4'])
})

test('rejects when there is nothing to iterate, and when that throws half way', async t => {
  await t.throwsAsync(scene({ query: () => undefined }).reader.readAll(signal))
  await t.throwsAsync(scene({ query: () => { throw new Error('locked') } }).reader.readAll(signal), { message: 'locked' })
  await t.throwsAsync(scene({
    query: function * () {
      yield good
      throw new Error('torn')
    }
  }).reader.readAll(signal), { message: 'torn' })
})

test('takes a record over once, though it is read again after a failure', async t => {
  let failures = 0
  const { reader, keys } = scene({
    query: function * () {
      yield good

      if (failures++ === 0) {
        throw new Error('torn')
      }

      yield { ...good, key: new Key('/a/2') }
    }
  })
  await t.throwsAsync(reader.readAll(signal))
  await reader.readAll(signal)
  t.deepEqual(keys, ['/a/1', '/a/2'])
})

for (const [how, query] of Object.entries({
  'an iterable': function * () { while (true) { yield good } },
  'an async iterable': async function * () { yield null; while (true) { yield good } }
})) {
  test(`reads no more than the maximum of ${how} that never ends, and still says what is damaged`, async t => {
    const { reader, keys, log } = scene({ query })
    await reader.readAll(signal)
    t.deepEqual(keys, ['/a/1'])
    t.true(reader.isIncomplete)
    t.is(log[0], 'read no more than %d records of %s under %s. Others are read before they are overwritten 10 letters /a/')
    t.is(log.length, how === 'an iterable' ? 1 : 2)
  })
}

test('reads a record that was left before it is overwritten, and no other', async t => {
  const datastore = new MemoryDatastore()
  const all = Array.from({ length: 12 }, (_, i) => new Key(`/a/${i}`))
  all.forEach((key, i) => { void datastore.put(key, Uint8Array.of(i === 11 ? 2 : 1)) })
  const { reader, keys } = scene(datastore)
  await reader.readAll(signal)
  keys.length = 0
  await reader.readMissing([...all, new Key('/a/new')])
  await reader.readMissing(all)
  t.deepEqual(keys, ['/a/10'])
  t.deepEqual([...reader.unreadable], ['/a/11'])
})

/** A reader that has left two of twelve records unread, and forgets what it has taken so far */
async function truncated (): Promise<Scene & { datastore: MemoryDatastore, all: Key[] }> {
  const datastore = new MemoryDatastore()
  const all = Array.from({ length: 12 }, (_, i) => new Key(`/a/${i}`))
  all.forEach(key => { void datastore.put(key, Uint8Array.of(1)) })
  const made = scene(datastore)
  await made.reader.readAll(signal)
  made.keys.length = 0

  return { ...made, datastore, all }
}

test('does not read a record that it has found missing, and that was written since', async t => {
  const { datastore, reader, keys } = await truncated()
  const missing = new Key('/a/new')
  await reader.readMissing([missing])
  await datastore.put(missing, Uint8Array.of(1))
  await reader.readMissing([missing])
  t.deepEqual(keys, [])
})

test('remembers no more than twice as many keys as are read at once', async t => {
  const { reader, keys, all } = await truncated()
  await reader.readMissing(Array.from({ length: 1_000 }, (_, i) => new Key(`/a/missing-${i}`)))
  await reader.readMissing([all[0] as Key])
  t.deepEqual(keys, ['/a/0'], 'is forgotten, and read again')
})

test('asks for nothing before records are overwritten when all were read', async t => {
  const { reader } = scene({ query: () => [good], has: () => t.fail('asks') })
  await reader.readAll(signal)
  await reader.readMissing([new Key('/a/2')])
  t.pass()
})

test('rejects when its signal aborts, tells the datastore, and reads nothing that comes later', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const controller = new AbortController()
  let passed: AbortSignal | undefined
  const { reader, keys } = scene({
    query: async function * (_: Query, options: AbortOptions) {
      passed = options.signal
      yield good
      await promise
      yield { ...good, key: new Key('/a/2') }
    }
  })
  const reading = reader.readAll(controller.signal)
  await settled()
  controller.abort(new Error('closed'))
  await t.throwsAsync(reading, { message: 'closed' })
  t.true(passed?.aborted)
  resolve()
  await settled()
  t.deepEqual(keys, ['/a/1'])
})
