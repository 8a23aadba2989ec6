import { getEventListeners } from 'node:events'
import test from 'ava'
import { backgroundClock, punctualClock, sleep, systemClock } from '../../src/pipeline/clock.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { Clock } from '../../src/pipeline/clock.ts'

test('sleep() resolves after its time', async t => {
  const clock = new VirtualClock(0)
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

test('sleep() rejects with the signal\'s reason, and leaves no timer', async t => {
  const clock = new VirtualClock(0)
  const controller = new AbortController()
  const reason = new Error('Enough')
  const asleep = sleep(100, clock, controller.signal)
  await settled()
  controller.abort(reason)

  t.is(await t.throwsAsync(asleep), reason)
  t.is(clock.pending, 0)
})

test('sleep() with an aborted signal rejects without a timer', async t => {
  const clock = new VirtualClock(0)
  const reason = new Error('Enough')

  t.is(await t.throwsAsync(sleep(100, clock, AbortSignal.abort(reason))), reason)
  t.is(clock.pending, 0)
})

test('systemClock counts milliseconds since the epoch, and never goes back', async t => {
  const time = (): number => performance.timeOrigin + performance.now()
  const before = time()
  const now = systemClock.now()
  t.true(before <= now)
  t.true(now <= time())
  await sleep(5, systemClock, new AbortController().signal)
  t.true(systemClock.now() - now >= 5)
})

test('a timer of systemClock can be cancelled', async t => {
  let fired = false
  systemClock.setTimeout(() => { fired = true }, 1)()
  await sleep(5, systemClock, new AbortController().signal)
  t.false(fired)
})

for (const ms of [2 ** 31, Number.MAX_SAFE_INTEGER, Infinity]) {
  test(`a timer of systemClock for ${ms} ms does not fire at once`, async t => {
    let fired = false
    const cancel = systemClock.setTimeout(() => { fired = true }, ms)
    await sleep(10, systemClock, new AbortController().signal)
    cancel()
    t.false(fired)
  })
}

for (const [name, clock] of Object.entries({ 'the system\'s clock': systemClock, 'the clock of the background': backgroundClock })) {
  test(`a timer of ${name} never fires early, by fractions of a millisecond either`, async t => {
    const early: string[] = []
    // keeps the process alive, which timers of the background clock do not
    const alive = setInterval(() => {}, 1_000)

    await Promise.all(Array.from({ length: 200 }, async (_, i) => {
      const ms = 5 + i / 7
      const due = clock.now() + ms
      await sleep(ms, clock, new AbortController().signal)

      if (clock.now() < due) {
        early.push(`${ms} ms: ${due - clock.now()} ms early`)
      }
    }))

    clearInterval(alive)
    t.deepEqual(early, [])
  })
}

/** A clock whose timers fire up to 0.6 ms early, and after at most 30 s */
function earlyClock (clock: VirtualClock): Clock {
  return { now: () => clock.now(), setTimeout: (fn, ms) => clock.setTimeout(fn, Math.min(ms > 1 ? ms - 0.6 : ms, 30_000)) }
}

test('a punctual clock never fires early although its timers do', async t => {
  const virtual = new VirtualClock(0)
  const clock = punctualClock(earlyClock(virtual))
  const fired: number[] = []

  for (const ms of [-1, 0, 0.5, 50, 50.7, 100_000]) {
    clock.setTimeout(() => { fired.push(clock.now()) }, ms)
  }

  await virtual.advance(200_000)
  t.deepEqual(fired, [0, 0, 0.5, 50, 50.7, 100_000])
  t.is(virtual.pending, 0)
})

test('a punctual clock\'s timer can be cancelled after it was set again', async t => {
  const virtual = new VirtualClock(0)
  let fired = false
  const cancel = punctualClock(earlyClock(virtual)).setTimeout(() => { fired = true }, 50)
  await virtual.advance(49.8)
  t.is(virtual.pending, 1)
  cancel()
  t.is(virtual.pending, 0)
  await virtual.advance(10)
  t.false(fired)
})
