import test from 'ava'
import { Turns } from '../../../src/dialer/attempts/turns.ts'
import { settled, VirtualClock } from '../../../src/testing/virtual-clock.ts'

/** Tasks that go on until they are ended */
function tasks (turns: Turns, count: number): { begun: () => number, end: () => void } {
  let begun = 0
  const gate = Promise.withResolvers<void>()

  for (let i = 0; i < count; i++) {
    void turns.run(async () => {
      begun++
      await gate.promise
    })
  }

  return { begun: () => begun, end: () => { gate.resolve() } }
}

test('tasks that follow one another at once let the event loop turn after each sixteen', async t => {
  const clock = new VirtualClock()
  const turns = new Turns(clock)
  let ended = 0
  const all = (async () => {
    for (let i = 0; i < 1_000; i++) {
      await turns.run(async () => {})
      ended++
    }
  })()

  await settled()
  t.is(ended, 16)
  await clock.until(all)
  t.is(clock.now(), 0)
  t.is(clock.pending, 0)
})

test('a task that begins after the turn of sixteen others begins at once', async t => {
  const clock = new VirtualClock()
  const turns = new Turns(clock)
  const { begun, end } = tasks(turns, 16)
  await clock.advance(0)
  void turns.run(async () => { t.pass() })

  t.is(begun(), 16)
  end()
})

test('of many at once a few begin in each turn, all in the end, and no timer is left', async t => {
  const turnsOfTheLoop: Array<() => void> = []
  const { begun, end } = tasks(new Turns({ now: () => 0, setTimeout: fn => { turnsOfTheLoop.push(fn); return () => {} } }), 100)
  const counts = [begun()]

  for (let next = turnsOfTheLoop.shift(); next != null; next = turnsOfTheLoop.shift()) {
    next()
    await settled()
    counts.push(begun())
  }

  t.deepEqual(counts, [16, 32, 48, 64, 80, 96, 100])
  end()
})
