import { getEventListeners } from 'node:events'
import test from 'ava'
import { abortable } from '../../../src/pipeline/runtime/answers.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'

function watched (...values: number[]): AsyncGenerator<number> & { ended: () => boolean } {
  let ended = false

  async function * run (): AsyncGenerator<number> {
    try {
      yield * values
    } finally {
      ended = true
    }
  }

  return Object.assign(run(), { ended: () => ended })
}

test('abortable() yields all values, and leaves no listener', async t => {
  const { signal } = new AbortController()
  const seen: number[] = []

  for await (const one of abortable(watched(1, 2), signal)) {
    seen.push(one)
  }

  t.deepEqual(seen, [1, 2])
  t.is(getEventListeners(signal, 'abort').length, 0)
})

test('leaving abortable() ends the source, and leaves no listener', async t => {
  const { signal } = new AbortController()
  const source = watched(1, 2)

  for await (const one of abortable(source, signal)) {
    t.is(one, 1)
    break
  }

  await settled()
  t.true(source.ended())
  t.is(getEventListeners(signal, 'abort').length, 0)
})

test('abortable() throws the source\'s error unchanged', async t => {
  const error = new Error('Broken')
  const source = { [Symbol.asyncIterator]: () => ({ next: async () => { throw error } }) }
  t.is(await t.throwsAsync(abortable(source, new AbortController().signal).next()), error)
})

for (const [thrown, words] of [[null, 'null'], [undefined, 'undefined'], ['text', "'text'"]] as const) {
  test(`abortable() throws an Error when the source throws ${words}`, async t => {
    const source = { [Symbol.asyncIterator]: () => ({ next: async () => { throw thrown as unknown as Error } }) }
    const error = await t.throwsAsync(abortable(source, new AbortController().signal).next(), { message: `Rejected with ${words}` })
    t.is(error?.cause, thrown)
  })
}

test('abortable() throws the reason of its signal, also one that is not an Error', async t => {
  const controller = new AbortController()
  const next = abortable({ [Symbol.asyncIterator]: () => ({ next: async () => new Promise<never>(() => {}) }) }, controller.signal).next()
  controller.abort('text')
  t.is(await next.catch(err => err), 'text')
})

test('aborting ends a pending next() with the signal\'s reason', async t => {
  const controller = new AbortController()
  const reason = new Error('Enough')
  const next = abortable({ [Symbol.asyncIterator]: () => ({ next: async () => new Promise<never>(() => {}) }) }, controller.signal).next()
  await settled()
  controller.abort(reason)
  t.is(await t.throwsAsync(next), reason)
  t.is(getEventListeners(controller.signal, 'abort').length, 0)
})

test('aborting between two values ends the source', async t => {
  const controller = new AbortController()
  const source = watched(1, 2)
  const iterator = abortable(source, controller.signal)
  await iterator.next()
  controller.abort(new Error('Enough'))
  await t.throwsAsync(iterator.next(), { message: 'Enough' })
  await settled()
  t.true(source.ended())
})

test('abortable() ends although return() of the source rejects', async t => {
  const source = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false as const, value: 1 }),
      return: async () => { throw new Error('No') }
    })
  }

  for await (const one of abortable(source, new AbortController().signal)) {
    t.is(one, 1)
    break
  }

  await settled()
})
