import test from 'ava'
import { Ticket } from '../../../src/dialer/attempts/ticket.ts'
import { StartPacer } from '../../../src/dialer/attempts/slots.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { ticketHost, ticketInit } from './ticket-init.ts'

/** Returns a ticket that starts its attempt in turn */
function take (pacer: StartPacer, onGranted: () => void): Ticket {
  const ticket = new Ticket({ ...ticketInit(), onGranted }, [], ticketHost(() => [pacer]))
  ticket.begin()

  return ticket
}

test('the event loop turns after each 16 attempts that start one after another', async t => {
  const clock = new VirtualClock(0)
  const pacer = new StartPacer(clock)
  let begun = 0
  const next = (): void => {
    if (++begun < 1_000) {
      take(pacer, next)
    }
  }
  take(pacer, next)

  t.is(begun, 16)
  await clock.advance(0)
  t.is(clock.now(), 0)
  t.is(begun, 1_000)
  t.is(clock.pending, 0)
})

test('an attempt that starts after the turn of 16 others starts at once', async t => {
  const clock = new VirtualClock(0)
  const pacer = new StartPacer(clock)
  let begun = 0
  Array.from({ length: 16 }, () => take(pacer, () => { begun++ }))
  await clock.advance(0)
  take(pacer, () => { begun++ })

  t.is(begun, 17)
})

test('50 attempts at once start 16, then four a turn while more than 16 wait, and leave no timer', t => {
  const turnsOfTheLoop: Array<() => void> = []
  const pacer = new StartPacer({ now: () => 0, setTimeout: fn => { turnsOfTheLoop.push(fn); return () => {} } })
  let begun = 0
  Array.from({ length: 50 }, () => take(pacer, () => { begun++ }))
  const counts = [begun]

  for (let next = turnsOfTheLoop.shift(); next != null; next = turnsOfTheLoop.shift()) {
    next()
    counts.push(begun)
  }

  t.deepEqual(counts, [16, 20, 24, 28, 32, 36, 50])
})

test('an attempt that leaves while waiting for its turn passes the turn to the next', t => {
  const turnsOfTheLoop: Array<() => void> = []
  const pacer = new StartPacer({ now: () => 0, setTimeout: fn => { turnsOfTheLoop.push(fn); return () => {} } })
  const begun: number[] = []
  const tickets = Array.from({ length: 18 }, (_, n) => take(pacer, () => { begun.push(n) }))
  tickets[16]?.end()
  turnsOfTheLoop.shift()?.()

  t.deepEqual(begun.slice(16), [17])
})

test('attempts get their turn although an earlier one ends those before them', async t => {
  const clock = new VirtualClock(0)
  const pacer = new StartPacer(clock)
  const begun: number[] = []
  const tickets: Ticket[] = Array.from({ length: 40 }, (_, n) => take(pacer, () => {
    begun.push(n)

    if (n === 16) {
      tickets.slice(17, 30).forEach(one => { one.end() })
    }
  }))
  await clock.advance(0)

  t.deepEqual(begun.slice(16), [16, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39])
  t.is(clock.pending, 0)
})
