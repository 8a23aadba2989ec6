import { Slots } from '../../../src/dialer/attempts/slots.ts'
import { ticketInit } from './ticket-init.ts'
import type { SlotsInit } from '../../../src/dialer/attempts/slots.ts'
import type { Ticket, TicketInit } from '../../../src/dialer/attempts/ticket.ts'

export interface SlotRunInit extends Partial<Omit<TicketInit, 'onGranted'>> {
  peer: string
  /** The signal that ends the wait for slots */
  signal?: AbortSignal
}

export interface SlotRun {
  readonly ticket: Ticket
  /** Rejects with the reason of the signal that ended the wait */
  readonly ended: Promise<void>
}

/** Creates the slots of a node whose event loop turns immediately */
export function slotsOf (init: SlotsInit, maxParallelDials = 100): Slots {
  const setTimeout = (fn: () => void): () => void => {
    queueMicrotask(fn)

    return () => {}
  }

  return new Slots(init, maxParallelDials, { now: () => 0, setTimeout }, () => {})
}

/** Runs a task when it has its slots. The task keeps them until it ends, even if its signal aborts */
export function runInSlots (slots: Slots, { signal, ...init }: SlotRunInit, task: () => Promise<void>): SlotRun {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let hasBegun = false
  const ticket = slots.take({
    ...ticketInit(),
    ...init,
    onGranted: () => {
      hasBegun = true
      task().then(resolve, reject).finally(() => { ticket.end() }).catch(() => {})
    }
  })

  signal?.addEventListener('abort', () => {
    if (!hasBegun) {
      ticket.end()
      reject(signal.reason)
    }
  })
  ticket.begin()

  return { ticket, ended: promise }
}
