import type { Transport } from '../address/shape.ts'

/**
 * A relayed attempt dials the relay, and opens a stream to it that has the peer accept, before it begins; and what comes of it is limited, and at
 * the expense of the relay. WebRTC is signalled over such a connection, and connects by itself after that
 */
const PRICES: Partial<Record<Transport, number>> = { circuit: 4, webrtc: 5 }

/**
 * Returns what an attempt costs, in times `lambda`
 *
 * @param transport default: a direct one
 */
export function priceOf (transport?: Transport): number {
  return (transport == null ? undefined : PRICES[transport]) ?? 1
}
