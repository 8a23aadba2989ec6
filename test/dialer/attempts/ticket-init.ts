import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import type { TicketHost, TicketInit } from '../../../src/dialer/attempts/ticket.ts'

/** Creates the first attempt of a dial. Its address takes no slot of a prefix or transport, and it never gives up its slots */
export function ticketInit (): TicketInit {
  return {
    peer: '',
    transport: '',
    prefixes: [],
    dial: '',
    taker: { dials: [{ attempts: new Set(), isDemoted: false }], isInFlight: false },
    hasLeftPrefixSlots: false,
    priority: 50,
    prefixSlotTime: 1,
    mayLeavePrefixSlots: false,
    onHeld: () => {},
    onSlot: () => {},
    onGranted: () => {},
    onPrefixSlotsLeft: () => {}
  }
}

/** Creates the host of a ticket that passes these gates */
export function ticketHost (gatesFor: TicketHost['gatesFor']): TicketHost {
  return { clock: new VirtualClock(0), gatesFor, onWait: () => {}, prefixSlots: { leave: () => {}, review: () => {} } }
}
