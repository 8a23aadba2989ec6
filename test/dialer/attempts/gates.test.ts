import test from 'ava'
import { KeyedSlots, NodeSlots } from '../../../src/dialer/attempts/gates.ts'
import { Ticket } from '../../../src/dialer/attempts/ticket.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { ticketHost, ticketInit } from './ticket-init.ts'

interface Scene {
  readonly slots: NodeSlots
  /** Attempts in the order in which they got a slot */
  readonly granted: string[]
  take (name: string, onGranted?: () => void): Ticket
}

function scene (concurrency: number): Scene {
  const slots = new NodeSlots(concurrency)
  const granted: string[] = []

  function take (name: string, onGranted = (): void => {}): Ticket {
    const ticket = new Ticket({
      ...ticketInit(),
      onGranted: () => {
        granted.push(name)
        onGranted()
      }
    }, [], ticketHost(() => [slots]))
    ticket.begin()

    return ticket
  }

  return { slots, granted, take }
}

test('the priority of a waiting ticket can be raised to Infinity', async t => {
  const { granted, take } = scene(1)
  const first = take('first')
  take('second')
  take('raised').raisePriority(Infinity)
  first.end()
  await settled()

  t.deepEqual(granted, ['first', 'raised'])
})

test('a ticket that ends before its grant, while others are granted, keeps no slot', async t => {
  const { slots, granted, take } = scene(1)
  const late: Ticket[] = []
  const holders = [take('first'), take('second', () => { late.push(take('late')) }), take('third')]
  slots.concurrency = 3
  t.deepEqual(granted, ['first', 'second', 'third'])
  late.forEach(ticket => { ticket.end() })
  holders.forEach(ticket => { ticket.end() })
  await settled()
  const again = ['a', 'b', 'c']
  again.forEach(name => { take(name) })

  t.deepEqual(granted.slice(3), again)
})

test('no more tickets than slots are granted, even when a granted one ends the last that waits', async t => {
  const { granted, take } = scene(2)
  const holders = [take('a'), take('b')]
  take('c', () => { last.end() })
  const last = take('d')
  holders.forEach(ticket => { ticket.end() })
  await settled()
  take('e')
  take('f')
  await settled()

  t.deepEqual(granted, ['a', 'b', 'c', 'e'])
})

test('the slots of a key are removed when no ticket has or awaits one', t => {
  const made: string[] = []
  const slots = new KeyedSlots(() => 'key', key => made.push(key))
  const take = (): Ticket => {
    const ticket = new Ticket(ticketInit(), [], ticketHost(() => [slots]))
    ticket.begin()

    return ticket
  }
  const [first, second] = [take(), take()]
  t.deepEqual(made, ['key'])

  first.end()
  second.end()
  take().end()
  t.deepEqual(made, ['key', 'key'])
})
