import { getEventListeners } from 'node:events'
import test from 'ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { attemptRetry, attemptTimeout } from '../../src/stages/attempt-layers.ts'
import { race } from '../../src/stages/race.ts'
import { cands, dialled, tryOut } from '../testing/try-out.ts'
import { connection, layered } from './layers.ts'
import type { Doing } from './layers.ts'

const connectsAfter = (ms: number, granted = 0): Doing => async ({ clock, signal, onStart }) => {
  await sleep(granted, clock, signal)
  onStart(clock.now())
  await sleep(ms, clock, signal)

  return connection
}

test('attemptTimeout() ends an attempt that has not connected in its time', async t => {
  const { clock, controller, done } = layered([attemptTimeout(500)], connectsAfter(501))
  await t.throwsAsync(clock.until(done), { name: 'TimeoutError', message: /^No connection to \/ip4\/203.0.113.1.* after 500 ms$/ })
  t.is(clock.now(), 500)
  t.is(clock.pending, 0)
  t.is(getEventListeners(controller.signal, 'abort').length, 0)
})

test('attemptTimeout() defaults to addressDialTimeout', async t => {
  const { clock, done } = layered([attemptTimeout()], connectsAfter(6_001))
  await t.throwsAsync(clock.until(done), { name: 'TimeoutError', message: /after 6000 ms/ })
})

test('attemptTimeout() starts when the attempt gets its slot', async t => {
  const { clock, done } = layered([attemptTimeout(500)], connectsAfter(499, 10_000))
  t.is(await clock.until(done), connection)
  t.is(clock.now(), 10_499)
})

test('attemptTimeout() never aborts the signal of an attempt that connected', async t => {
  let given: AbortSignal | undefined
  const { clock, controller, done } = layered([attemptTimeout(500)], async options => {
    given = options.signal
    return connectsAfter(100)(options, 1)
  })
  await clock.until(done)
  controller.abort(new Error('Later'))
  await clock.advance(10_000)
  t.false(given?.aborted)
  t.is(clock.pending, 0)
})

test('an abort reaches the attempt with its own reason', async t => {
  const { clock, controller, done } = layered([attemptTimeout(500)], connectsAfter(100))
  await clock.advance(50)
  controller.abort(new Error('Enough'))
  await t.throwsAsync(done, { message: 'Enough' })
  t.is(clock.pending, 0)
})

test('attemptTimeout() inside attemptRetry() applies to each try, and around it to all', async t => {
  const inside = layered([attemptRetry(1), attemptTimeout(500)], connectsAfter(1_000))
  await t.throwsAsync(inside.clock.until(inside.done), { name: 'TimeoutError' })
  t.deepEqual(inside.begun, [0, 600])
  t.is(inside.clock.now(), 1_100)

  const around = layered([attemptTimeout(500), attemptRetry(9)], async options => {
    options.onStart(options.clock.now())
    throw new Error('Refused')
  })
  await t.throwsAsync(around.clock.until(around.done), { name: 'TimeoutError' })
  t.deepEqual(around.begun, [0, 100, 300])
  t.is(around.clock.now(), 500)
})

test('attemptTimeout() passes onStart on', async t => {
  const starts: number[] = []
  const { clock, done } = layered([attempt => async (candidate, options) => attempt(candidate, { ...options, onStart: at => { starts.push(at) } }), attemptTimeout(500)], connectsAfter(1, 20))
  await clock.until(done)
  t.deepEqual(starts, [20])
})

test('attemptTimeout() in a race ends each silent address after its own time', async t => {
  const trial = tryOut(t, race({ attempt: [attemptTimeout(400)] }))
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @250', '3 @500'])
  t.deepEqual(trial.dial.outcomes.map(({ endedAt }) => trial.since(endedAt)), [400, 650, 900])
  t.true(trial.ended)
})
