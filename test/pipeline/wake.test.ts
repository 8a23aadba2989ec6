import { getEventListeners } from 'node:events'
import test from 'ava'
import { Wake } from '../../src/pipeline/wake.ts'

test('a notification wakes whoever waits', async t => {
  const wake = new Wake()
  const { signal } = new AbortController()
  const waiting = wake.wait(signal)
  wake.notify()
  await waiting
  t.is(getEventListeners(signal, 'abort').length, 0)
})

test('a notification that nobody waits for is not lost, and several are one', async t => {
  const wake = new Wake()
  const controller = new AbortController()
  wake.notify()
  wake.notify()
  await wake.wait(controller.signal)

  const waiting = wake.wait(controller.signal)
  controller.abort(new Error('Enough'))
  await t.throwsAsync(waiting, { message: 'Enough' })
})

test('one that comes while the waiter wakes up is not lost', async t => {
  const wake = new Wake()
  const { signal } = new AbortController()
  const waiting = wake.wait(signal)
  wake.notify()
  wake.notify()
  await waiting
  t.pass()
})

test('does not wait when the signal has aborted', async t => {
  const wake = new Wake()
  await t.throwsAsync(wake.wait(AbortSignal.abort(new Error('Enough'))), { message: 'Enough' })
})

test('may be waited for again after an abort', async t => {
  const wake = new Wake()
  const controller = new AbortController()
  const aborted = wake.wait(controller.signal)
  controller.abort(new Error('Enough'))
  await t.throwsAsync(aborted)

  const waiting = wake.wait(new AbortController().signal)
  wake.notify()
  await waiting
  t.pass()
})
