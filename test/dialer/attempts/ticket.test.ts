import test from 'ava'
import { KeyedSlots } from '../../../src/dialer/attempts/gates.ts'
import { Ticket } from '../../../src/dialer/attempts/ticket.ts'
import { ticketHost, ticketInit } from './ticket-init.ts'
import type { Gate } from '../../../src/dialer/attempts/ticket.ts'

/** A gate that is open to all or to none, and calls the test's functions */
class TestGate implements Gate {
  readonly holders = new Set<Ticket>()
  readonly waiting = new Set<Ticket>()
  isOpen = true
  onEnter?: (ticket: Ticket) => void
  onLeave?: () => void
  raisePriority?: () => void

  enter (ticket: Ticket): void {
    const place = this.isOpen ? this.holders : this.waiting
    place.add(ticket)
    this.onEnter?.(ticket)

    if (place === this.holders) {
      ticket.pass()
    }
  }

  leave (ticket: Ticket): void {
    this.holders.delete(ticket)
    this.waiting.delete(ticket)
    this.onLeave?.()
  }

  pass (ticket: Ticket): void {
    if (this.waiting.delete(ticket)) {
      this.holders.add(ticket)
      ticket.pass()
    }
  }
}

function ticketFor (gatesFor: (isCharged: boolean) => readonly Gate[], onGranted: () => void): Ticket {
  return new Ticket({ ...ticketInit(), onGranted }, [], ticketHost((_, places, isCharged) => gatesFor(isCharged)))
}

for (const isOpen of [true, false]) {
  test(`a ticket that restarts while it enters a gate ${isOpen ? 'keeps its place' : 'waits'} there`, t => {
    const gate = new TestGate()
    let granted = 0
    gate.isOpen = isOpen
    gate.onEnter = ticket => { ticket.charge() }
    const ticket = ticketFor(() => [gate], () => { granted++ })
    ticket.begin()
    gate.pass(ticket)

    t.is(granted, 1)
    t.true(gate.holders.has(ticket))
    ticket.end()
    t.is(gate.holders.size + gate.waiting.size, 0)
  })
}

test('a ticket that ends while it enters a gate holds no slot and is not granted', t => {
  const [first, second] = [new TestGate(), new TestGate()]
  second.onEnter = one => { one.end() }
  ticketFor(() => [first, second], () => { t.fail('has ended') }).begin()

  t.is(first.holders.size + second.holders.size, 0)
})

test('a ticket that restarts is not granted by a gate that lets its earlier start pass', t => {
  const [first, second] = [new TestGate(), new TestGate()]
  const held: number[] = []
  second.isOpen = false
  const ticket: Ticket = ticketFor(() => [first, second], () => { held.push(first.holders.size + second.holders.size) })
  ticket.begin()
  // the next ticket with a place at the first gate hands this one the second
  first.onLeave = () => { second.pass(ticket) }
  ticket.charge()
  t.deepEqual(held, [])
  second.pass(ticket)

  t.deepEqual(held, [2])
})

test('a ticket that is raised while it passes a gate leaves the next queue when it ends', t => {
  const [first, keyed] = [new TestGate(), new KeyedSlots(() => '', () => 1)]
  const holder = ticketFor(() => [keyed], () => {})
  holder.begin()
  first.isOpen = false
  let priority = 20
  const ticket: Ticket = new Ticket({ ...ticketInit(), get priority () { return priority }, onGranted: () => { t.fail('has ended') } }, [], ticketHost(() => [first, keyed]))
  ticket.begin()
  // the ticket passes the gate while it is raised, and its priority falls again
  first.raisePriority = () => {
    priority = 10
    first.pass(ticket)
  }
  ticket.raisePriority(90)
  ticket.end()
  holder.end()
  let granted = 0
  ticketFor(() => [keyed], () => { granted++ }).begin()

  t.is(granted, 1)
})
