import type { TicketInit } from '../../../src/dialer/attempts/ticket.ts'

/** An attempt that is the first of its dial, to an address that takes no place, and never leaves */
export function ticketInit (): TicketInit {
  return {
    peer: '',
    transport: '',
    prefixes: [],
    dial: '',
    taker: { dials: [{ attempts: new Set(), isDemoted: false }], isInFlight: false },
    hasLeftPlace: false,
    priority: 50,
    mayLeavePlace: false,
    onHeld: () => {},
    onPlace: () => {},
    onSlot: () => {},
    onGranted: () => {},
    onPlaceLeft: () => {}
  }
}
