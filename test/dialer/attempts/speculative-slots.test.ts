import test from 'ava'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { heldAttempts } from './held-attempts.ts'
import type { HeldAttempt } from './held-attempts.ts'
import type { SlotRunInit } from './slot-run.ts'
import type { Slots, SlotsInit } from '../../../src/dialer/attempts/slots.ts'
import type { SlotTaker, SpeculatingDial } from '../../../src/dialer/attempts/ticket.ts'

interface SpeculativeRun extends HeldAttempt {
  readonly taker: SlotTaker
}

interface Scene {
  readonly slots: Slots
  readonly started: string[]
  /** Requests the slots of an attempt of a dial. The first attempt of a dial is not speculative */
  begin (name: string, dial: SpeculatingDial, init?: Partial<SlotRunInit>): SpeculativeRun
}

/** Creates slots, and attempts that hold them for their dials */
function scene (limits: SlotsInit): Scene {
  const { slots, started, begin } = heldAttempts(limits)

  return {
    slots,
    started,
    begin: (name, dial, init) => {
      const taker: SlotTaker = { dials: [dial], isInFlight: false }
      slots.speculation.join(taker, dial)

      return { ...begin(name, { taker, ...init }), taker }
    }
  }
}

function dialing (): SpeculatingDial {
  return { attempts: new Set(), isDemoted: false }
}

test('speculative attempts start by priority, also one that is raised while it waits', async t => {
  const { started, begin } = scene({ node: 3 })
  const dial = dialing()
  const [first, a, b, c, d] = [begin('first', dial), begin('a', dial), begin('b', dial), begin('c', dial, { priority: 75 }), begin('d', dial)]
  await settled()
  t.deepEqual(started, ['first', 'a'])
  d.ticket.raisePriority(100)

  for (const run of [a, d, c, b, first]) {
    run.end()
    await settled()
  }

  t.deepEqual(started, ['first', 'a', 'd', 'c', 'b'])
  await Promise.all([first, a, b, c, d].map(async ({ ended }) => ended))
})

test('a speculative attempt that aborts while waiting takes no slot', async t => {
  const { started, begin } = scene({ node: 3 })
  const [dial, leaving] = [dialing(), new AbortController()]
  const [first, a] = [begin('first', dial), begin('a', dial)]
  const b = begin('b', dial, { signal: leaving.signal })
  const c = begin('c', dial)
  await settled()
  leaving.abort(new Error('left'))
  await t.throwsAsync(b.ended, { message: 'left' })
  a.end()
  await settled()
  t.deepEqual(started, ['first', 'a', 'c'])
  c.end()
  first.end()
  await Promise.all([first.ended, a.ended, c.ended])
})

test('an attempt that aborts as it gets its slot passes it to the next', async t => {
  const { slots, started, begin } = scene({ node: 3 })
  const [dial, leaving] = [dialing(), new AbortController()]
  const [first] = [begin('first', dial), begin('a', dial)]
  const b = begin('b', dial, { signal: leaving.signal })
  begin('c', dial)
  await settled()
  leaving.abort(new Error('left'))
  slots.speculation.quit(b.taker, dial)
  slots.speculation.quit(first.taker, dial)
  await t.throwsAsync(b.ended, { message: 'left' })
  t.deepEqual(started, ['first', 'a', 'c'])
})

test('a waiting speculative attempt starts at once when it becomes another dial\'s first attempt', async t => {
  const { started, begin } = scene({ node: 3 })
  const dial = dialing()
  const runs = [begin('first', dial), begin('a', dial), begin('b', dial)]
  await settled()
  t.deepEqual(started, ['first', 'a'])
  runs[2]?.ticket.charge()
  await settled()
  t.deepEqual(started, ['first', 'a', 'b'])
  runs.forEach(({ end }) => { end() })
  await Promise.all(runs.map(async ({ ended }) => ended))
})

test('an attempt whose connection the dial discards frees its slot for a first attempt', async t => {
  const { slots, started, begin } = scene({ node: 3 })
  const dial = dialing()
  const [first, a] = [begin('first', dial), begin('a', dial)]
  await settled()
  first.end()
  await first.ended
  a.end()
  await a.ended
  // both have connected, so later attempts are speculative
  const [b, c] = [begin('b', dial), begin('c', dial)]
  await settled()
  t.deepEqual(started, ['first', 'a', 'b'])
  slots.speculation.quit(first.taker, dial)
  await settled()
  t.deepEqual(started, ['first', 'a', 'b'])
  slots.speculation.quit(a.taker, dial)
  await settled()
  // b is now the first attempt, and leaves the slot for speculative attempts
  t.deepEqual(started, ['first', 'a', 'b', 'c'])
  b.end()
  c.end()
  await Promise.all([b.ended, c.ended])
})
