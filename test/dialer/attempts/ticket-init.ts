import type { TicketInit } from '../../../src/dialer/attempts/ticket.ts'

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
    mayLeavePrefixSlots: false,
    onHeld: () => {},
    onPrefixSlot: () => {},
    onSlot: () => {},
    onGranted: () => {},
    onPrefixSlotsLeft: () => {}
  }
}
