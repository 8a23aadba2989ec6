import test from 'ava'
import { setImmediate } from 'node:timers/promises'
import { KeyedMutex, mutexOf } from '../../src/address-book/keyed-mutex.ts'

test('mutexOf() returns the same mutex for a peer store and for objects that inherit from it', t => {
  const store = {}
  const mutex = mutexOf(store)
  t.is(mutexOf(store), mutex)
  t.is(mutexOf(Object.create(store)), mutex)
  t.not(mutexOf({}), mutex)
  t.deepEqual(Object.keys(store), [])
  t.true(mutexOf(Object.freeze({})) instanceof KeyedMutex)
})

test('functions of one key run one after another, also after a failure, and those of another key concurrently', async t => {
  const mutex = new KeyedMutex()
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = mutex.run('a', async () => { await gate.promise; done.push('first'); throw new Error('broken') })
  const second = mutex.run('a', async () => { done.push('second') })
  await mutex.run('b', async () => { done.push('other') })
  gate.resolve()
  await t.throwsAsync(first, { message: 'broken' })
  await second
  t.deepEqual(done, ['other', 'first', 'second'])
})

test('runAfter() runs after the functions of the key, and synchronously when there are none', async t => {
  const mutex = new KeyedMutex()
  const done: string[] = []
  void mutex.runAfter('a', undefined, async () => { done.push('at once') })
  t.deepEqual(done, ['at once'])
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]

  const taken = gates.map(async ({ promise }, i) => mutex.run('a', async () => { await promise; done.push(`turn ${i}`) }))
  const after = mutex.runAfter('a', undefined, async () => { done.push('after') })
  const aborted = mutex.runAfter('a', AbortSignal.abort(new Error('too late')), async () => { done.push('aborted') })
  await t.throwsAsync(aborted, { message: 'too late' })
  gates.forEach(({ resolve }) => { resolve() })
  await Promise.all([...taken, after])
  t.deepEqual(done, ['at once', 'turn 0', 'turn 1', 'after'])
  void mutex.runAfter('a', undefined, async () => { done.push('at once again') })
  t.is(done.at(-1), 'at once again')
})

test('run() with a signal rejects when that aborts, and a function that has not started never runs', async t => {
  const mutex = new KeyedMutex()
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  const controllers = [new AbortController(), new AbortController()]
  const [running, waiting] = controllers.map(async ({ signal }, i) => mutex.run('a', async () => { await gate.promise; done.push(`turn ${i}`) }, signal)) as [Promise<void>, Promise<void>]
  const last = mutex.run('a', async () => { done.push('last') })
  controllers.forEach(controller => { controller.abort(new Error('too late')) })
  await t.throwsAsync(running, { message: 'too late' })
  await t.throwsAsync(waiting, { message: 'too late' })
  await t.throwsAsync(mutex.run('b', async () => { done.push('aborted') }, AbortSignal.abort(new Error('too late'))), { message: 'too late' })
  t.deepEqual(done, [])
  gate.resolve()
  await last
  t.deepEqual(done, ['turn 0', 'last'])
})

test('runAfter() waits for at most 64 functions of the key', async t => {
  const mutex = new KeyedMutex()
  let taken = 0
  let isOver = false
  const next = async (): Promise<void> => mutex.run('a', async () => {
    taken++
    await setImmediate()

    if (!isOver) {
      void next()
    }
  })
  void next()
  t.is(await mutex.runAfter('a', undefined, async () => {
    isOver = true

    return taken
  }), 65)
})
