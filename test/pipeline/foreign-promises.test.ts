import test from 'ava'
import { settledOrAborted } from '../../src/pipeline/foreign-promises.ts'
import { abortListeners } from '../helpers/open-handles.ts'
import { microtasks } from '../support/microtasks.ts'

const reason = new Error('left')

test('settledOrAborted() settles as the promise does, and leaves no listener', async t => {
  const { signal } = new AbortController()

  t.is(await settledOrAborted(Promise.resolve('value'), signal), 'value')
  await t.throwsAsync(settledOrAborted(Promise.reject(new Error('failed')), signal), { message: 'failed' })
  t.is(abortListeners(signal), 0)
})

test('settledOrAborted() accepts a value that is not a promise', async t => {
  const { signal } = new AbortController()

  t.is(await settledOrAborted(undefined, signal), undefined)
  t.is(await settledOrAborted('value', signal), 'value')
})

test('settledOrAborted() rejects with the signal\'s reason when that aborts first or has aborted', async t => {
  const controller = new AbortController()
  const waiting = settledOrAborted(new Promise(() => {}), controller.signal)
  controller.abort(reason)

  t.is(await t.throwsAsync(waiting), reason)
  t.is(await t.throwsAsync(settledOrAborted(Promise.resolve('value'), controller.signal)), reason)
  t.is(await t.throwsAsync(settledOrAborted('value', controller.signal)), reason)
})

test('a promise that rejects after the abort causes no unhandled rejection', async t => {
  const unhandled: unknown[] = []
  const onUnhandled = (err: unknown): void => { unhandled.push(err) }
  process.on('unhandledRejection', onUnhandled)
  t.teardown(() => { process.off('unhandledRejection', onUnhandled) })

  const signal = AbortSignal.abort(reason)
  await t.throwsAsync(settledOrAborted(Promise.reject(new Error('failed')), signal), { name: 'Error' })
  await t.throwsAsync(settledOrAborted((async () => {
    await microtasks(1)
    throw new Error('failed')
  })(), signal))
  await new Promise(resolve => { setImmediate(resolve) })

  t.deepEqual(unhandled, [])
})
