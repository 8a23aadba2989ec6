import type { Transport } from '../address/shape.ts'

/** What an attempt costs, in times `lambda` */
export interface Price {
  /** In any case */
  readonly start: number
  /** If it is answered */
  readonly handshake: number
}

/**
 * A packet or two to whom it may not concern, a socket and a slot; and if there is an answer the keys and the processors of two machines.
 * Where two of three addresses are good it is one dial
 */
const DIRECT: Price = { start: 0.7, handshake: 0.45 }

/**
 * A relayed attempt dials the relay, and opens a stream to it that has the peer accept, before it begins; and what comes of it is limited, and at
 * the expense of the relay. WebRTC is signalled over such a connection, and connects by itself after that
 */
const PRICES: Partial<Record<Transport, Price>> = { circuit: { start: 3.5, handshake: 0.45 }, webrtc: { start: 4.5, handshake: 0.45 } }

/** @param transport default: a direct one */
export function priceOf (transport?: Transport): Price {
  return (transport == null ? undefined : PRICES[transport]) ?? DIRECT
}
