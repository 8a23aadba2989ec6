import test from 'ava'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'

test('VirtualClock starts on a date in 2023 by default', async t => {
  const clock = new VirtualClock()
  t.is(clock.now(), Date.UTC(2023, 10, 14, 22, 13, 20))
  t.is(clock.elapsed, 0)
  await clock.advance(250)
  t.is(clock.elapsed, 250)
})

test('VirtualClock stands still until advance()', async t => {
  const clock = new VirtualClock(100)
  t.is(clock.now(), 100)
  await clock.advance(50)
  t.is(clock.now(), 150)
})

test('each timer fires at its time, and timers of one time in their order', async t => {
  const clock = new VirtualClock(0)
  const fired: string[] = []
  const set = (name: string, ms: number): void => { clock.setTimeout(() => { fired.push(`${name} @${clock.now()}`) }, ms) }
  set('b', 20)
  set('a', 10)
  set('c', 20)
  set('negative', -5)
  t.is(clock.pending, 4)
  await clock.advance(15)
  t.deepEqual(fired, ['negative @0', 'a @10'])
  await clock.advance(5)
  t.deepEqual(fired.slice(2), ['b @20', 'c @20'])
  t.is(clock.pending, 0)
})

test('microtasks of a timer run before the next timer', async t => {
  const clock = new VirtualClock(0)
  const fired: string[] = []
  clock.setTimeout(() => {
    void Promise.resolve().then(() => {
      fired.push('set off')
      clock.setTimeout(() => { fired.push(`in between @${clock.now()}`) }, 5)
    })
  }, 10)
  clock.setTimeout(() => { fired.push('last') }, 20)
  await clock.advance(20)
  t.deepEqual(fired, ['set off', 'in between @15', 'last'])
})

test('a cancelled timer does not fire, even when another of the same time cancels it', async t => {
  const clock = new VirtualClock(0)
  let fired = false
  let cancel = (): void => {}
  clock.setTimeout(() => { cancel() }, 10)
  cancel = clock.setTimeout(() => { fired = true }, 10)
  await clock.advance(10)
  t.false(fired)
  t.is(clock.pending, 0)
})

test('until() advances from timer to timer until the promise settles', async t => {
  const clock = new VirtualClock(0)
  const value = await clock.until(new Promise(resolve => { clock.setTimeout(() => { clock.setTimeout(() => { resolve('done') }, 1_000) }, 1_000) }))
  t.is(value, 'done')
  t.is(clock.now(), 2_000)
})

test('until() rejects with the promise, and throws when nothing will settle it', async t => {
  const clock = new VirtualClock(7)
  await t.throwsAsync(clock.until(Promise.reject(new Error('Broken'))), { message: 'Broken' })
  await t.throwsAsync(clock.until(new Promise(() => {})), { message: 'Nothing is left to wait for at 7 ms, and the promise is still pending' })
})

test('settled() lets everything run that needs no time', async t => {
  let ran = false
  setImmediate(() => { setImmediate(() => { void Promise.resolve().then(() => { ran = true }) }) })
  await settled()
  t.true(ran)
})

for (const now of ['x', Number.NaN, Infinity]) {
  test(`VirtualClock refuses to start at ${now}`, t => {
    t.throws(() => new VirtualClock(now as number), { name: 'InvalidPipelineError', message: /^VirtualClock\(\) needs a finite number of milliseconds, not / })
  })
}

for (const ms of ['5', Number.NaN, -5, Infinity]) {
  test(`advance() by ${typeof ms} ${ms} throws, and the clock stands still`, async t => {
    const clock = new VirtualClock(7)
    await t.throwsAsync(clock.advance(ms as number), { name: 'InvalidPipelineError', message: /^advance\(\) needs a finite number of milliseconds, 0 or more, not / })
    t.is(clock.now(), 7)
  })
}

test('until() throws when only a timer that never fires is set, and the clock stands still', async t => {
  const clock = new VirtualClock(7)
  clock.setTimeout(() => {}, Infinity)
  await t.throwsAsync(clock.until(new Promise(() => {})), { message: 'Nothing is left to wait for at 7 ms, and the promise is still pending' })
  t.is(clock.now(), 7)
})
