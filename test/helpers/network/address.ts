/** Round trips of a virtual address are multiples of it, in milliseconds */
export const STEP = 8

/** The least and the most that a virtual address can say */
export const MIN_ROUND_TRIP = 2 * STEP
export const MAX_ROUND_TRIP = 31 * STEP

/**
 * - `answers`: whoever listens at the port; a port at which nobody listens refuses after a round trip
 * - `silent`: every packet is lost
 * - `stalls`: a TCP connection opens, then everything is lost
 */
export type Fate = 'answers' | 'silent' | 'stalls'

/** As in mirror.c */
const CODES: Record<Fate, number> = { answers: 1, silent: 2, stalls: 3 }

/** The real addresses of this end */
export const LOCAL = { ip4: '10.0.0.1', ip6: 'fd00:a::1' }

/**
 * An address that does what its last byte says. Each of another `place` has a /24 or /48 to itself, which says nothing of
 * what it does: a dialer that learns by neighbourhood learns nothing that it could not know of a real network. They look
 * public: libp2p and go-libp2p treat private ones in another way.
 */
export function virtualHost (version: 4 | 6, place: number, fate: Fate, roundTrip: number): string {
  const truth = CODES[fate] << 5 | Math.round(Math.min(MAX_ROUND_TRIP, Math.max(MIN_ROUND_TRIP, roundTrip)) / STEP)

  return version === 4
    ? `/ip4/${[45 + (place >> 16), place >> 8 & 255, place & 255, truth].join('.')}`
    : `/ip6/2a0c:${(place >> 8).toString(16)}:${(place & 255).toString(16)}::${truth.toString(16)}`
}
