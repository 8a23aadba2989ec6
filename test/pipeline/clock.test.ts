import { getEventListeners } from 'node:events'
import test from 'ava'
import { sleep, systemClock } from '../../src/pipeline/clock.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'

test('sleeps for its time', async t => {
  const clock = new VirtualClock()
  const { signal } = new AbortController()
  let awake = false
  const done = sleep(100, clock, signal).then(() => { awake = true })

  await clock.advance(99)
  t.false(awake)
  await clock.advance(1)
  t.true(awake)
  t.is(getEventListeners(signal, 'abort').length, 0)
  await done
})

test('an abort wakes it with the signal\'s reason, and leaves no timer', async t => {
  const clock = new VirtualClock()
  const controller = new AbortController()
  const reason = new Error('Enough')
  const asleep = sleep(100, clock, controller.signal)
  await settled()
  controller.abort(reason)

  t.is(await t.throwsAsync(asleep), reason)
  t.is(clock.pending, 0)
})

test('does not fall asleep when the signal has aborted', async t => {
  const clock = new VirtualClock()
  const reason = new Error('Enough')

  t.is(await t.throwsAsync(sleep(100, clock, AbortSignal.abort(reason))), reason)
  t.is(clock.pending, 0)
})

// the one place where real time is what is promised; the bounds are wide
test('the system\'s clock is the time of day, and goes on', async t => {
  t.true(Math.abs(systemClock.now() - Date.now()) < 1_000)
  const before = systemClock.now()
  await sleep(5, systemClock, new AbortController().signal)
  t.true(systemClock.now() - before >= 4)
})

test('a timer of the system\'s clock can be cancelled', async t => {
  let fired = false
  systemClock.setTimeout(() => { fired = true }, 1)()
  await sleep(5, systemClock, new AbortController().signal)
  t.false(fired)
})

for (const ms of [2 ** 31, Number.MAX_SAFE_INTEGER, Infinity]) {
  test(`a timer of the system's clock that is for ${ms} ms does not fire at once`, async t => {
    let fired = false
    const cancel = systemClock.setTimeout(() => { fired = true }, ms)
    await sleep(10, systemClock, new AbortController().signal)
    cancel()
    t.false(fired)
  })
}
