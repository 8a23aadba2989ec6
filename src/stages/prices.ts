import type { Transport } from '../address/shape.ts'

/** The cost of an attempt, as a multiple of `costPerDial` */
export interface Price {
  /** The cost of starting it */
  readonly start: number
  /** The additional cost if it is answered */
  readonly handshake: number
}

/**
 * The start costs a packet or two, a socket and a slot. An answer costs cryptography on two machines. If two of three addresses work, the sum is
 * one dial
 */
const DIRECT: Price = { start: 0.7, handshake: 0.45 }

/**
 * A relayed attempt first dials the relay and opens a stream to the peer through it. Its connection is limited, and uses the relay's bandwidth.
 * WebRTC is signalled over such a connection, and connects directly after that
 */
const PRICES: Partial<Record<Transport, Price>> = { circuit: { start: 3.5, handshake: 0.45 }, webrtc: { start: 4.5, handshake: 0.45 } }

/** @param transport the transport of the address. Default: a direct one */
export function priceOf (transport?: Transport): Price {
  return (transport == null ? undefined : PRICES[transport]) ?? DIRECT
}
