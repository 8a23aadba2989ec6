import test from 'ava'
import { Turns } from '../../src/dialer/turns.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'

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

test('one after another begin at once, however many', async t => {
  const clock = new VirtualClock()
  const turns = new Turns(clock)

  for (let i = 0; i < 1_000; i++) {
    await turns.run(async () => {})
  }

  t.is(clock.pending, 0)
})

test('of many at once a few begin in each turn, all in the end, and no timer is left', async t => {
  const turnsOfTheLoop: Array<() => void> = []
  const { begun, end } = tasks(new Turns({ now: () => 1_000, setTimeout: fn => { turnsOfTheLoop.push(fn); return () => {} } }), 100)
  const counts = [begun()]

  for (let next = turnsOfTheLoop.shift(); next != null; next = turnsOfTheLoop.shift()) {
    next()
    await settled()
    counts.push(begun())
  }

  t.deepEqual(counts, [16, 48, 64, 80, 96, 100])
  end()
})

test('one that fails makes room as one that does not', async t => {
  const clock = new VirtualClock()
  const turns = new Turns(clock)
  await Promise.allSettled(Array.from({ length: 16 }, async () => turns.run(async () => { throw new Error('refused') })))
  const { begun, end } = tasks(turns, 16)
  await settled()

  t.is(begun(), 16)
  t.is(clock.pending, 0)
  end()
})
