import { TimeoutError } from '@libp2p/interface'
import test from 'ava'
import { DialBarrier } from '../../../src/dialer/dials/dial-barrier.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import type { ExecutionContext } from 'ava'

const { signal: never } = new AbortController()

async function isPending (t: ExecutionContext, promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')
  t.timeout(10_000)
  await Promise.resolve()

  return await Promise.race([promise, new Promise(resolve => { setImmediate(resolve, pending) })]) === pending
}

test('a barrier delays dials until open()', async t => {
  const barrier = new DialBarrier(() => undefined)
  const waiting = [barrier.pass(never), barrier.pass(never)]
  t.true(await isPending(t, Promise.race(waiting)))
  barrier.open()
  await t.notThrowsAsync(Promise.all(waiting))
})

test('a waiting dial rejects with the reason of its signal, and leaves no listener', async t => {
  const barrier = new DialBarrier(() => undefined)
  const controller = new AbortController()
  let listeners = 0
  const { signal } = controller
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: any[]) => { listeners++; add(...args as [any, any]) }
  signal.removeEventListener = (...args: any[]) => { listeners--; remove(...args as [any, any]) }

  const opened = barrier.pass(signal)
  barrier.open()
  await opened
  t.is(listeners, 0)

  const aborted = barrier.pass(signal)
  const reason = new Error('enough')
  controller.abort(reason)
  t.is(await t.throwsAsync(aborted), reason)
  t.is(await t.throwsAsync(barrier.pass(signal)), reason)
})

test('explain() adds a cause to a timeout, and to no other error', t => {
  const timeouts = [new TimeoutError('late'), new DOMException('late', 'TimeoutError')]
  const others = [new Error('enough'), new DOMException('gone', 'AbortError'), 'late', undefined, null, { name: 'TimeoutError' }]
  const why = new Error('The bans could not be read from the datastore: EIO')
  const barrier = new DialBarrier(() => why)
  others.forEach(reason => { t.is(barrier.explain(reason), reason) })

  for (const reason of timeouts) {
    const explained = barrier.explain(reason) as Error
    t.is(explained.name, 'TimeoutError')
    t.is(explained.message, 'The dial timed out before it started: The bans could not be read from the datastore: EIO')
    t.is(explained.cause, why)
  }

  const without = new DialBarrier(() => undefined)
  timeouts.forEach(reason => { t.is(without.explain(reason), reason) })
})

test('opensWithin() resolves with whether the barrier opens in time', async t => {
  const clock = new VirtualClock(0)
  const barrier = new DialBarrier(() => undefined)
  const late = barrier.opensWithin(1_000, clock)
  await clock.advance(1_000)
  t.false(await late)

  const controller = new AbortController()
  const aborted = barrier.opensWithin(1_000, clock, controller.signal)
  controller.abort()
  t.false(await aborted)

  const inTime = barrier.opensWithin(1_000, clock)
  barrier.open()
  t.true(await inTime)
  t.is(clock.pending, 0)
})
