/** Milliseconds. Round trips of a virtual address are multiples of this */
export const STEP = 8

/** The range of round trips that a virtual address can encode */
export const MIN_ROUND_TRIP = 2 * STEP
export const MAX_ROUND_TRIP = 31 * STEP

/**
 * The behaviour of a virtual address:
 *
 * - `answers`: the listener at the port answers. A port without a listener refuses after one round trip
 * - `silent`: every packet is lost
 * - `stalls`: a TCP connection opens, then every packet is lost
 */
export type Fate = 'answers' | 'silent' | 'stalls'

/** The codes of mirror.c */
const CODES: Record<Fate, number> = { answers: 1, silent: 2, stalls: 3 }

/** The real addresses of this end */
export const LOCAL = { ip4: '10.0.0.1', ip6: 'fd00:a::1' }

/**
 * Returns an address whose last byte encodes its behaviour. Each `place` has its own /24 or /48, independent of the behaviour: a dialer that learns
 * from neighbouring addresses gains nothing that a real network would not give it. The addresses look public, because libp2p and go-libp2p treat
 * private ones differently
 */
export function virtualHost (version: 4 | 6, place: number, fate: Fate, roundTrip: number): string {
  const truth = CODES[fate] << 5 | Math.round(Math.min(MAX_ROUND_TRIP, Math.max(MIN_ROUND_TRIP, roundTrip)) / STEP)

  return version === 4
    ? `/ip4/${[45 + (place >> 16), place >> 8 & 255, place & 255, truth].join('.')}`
    : `/ip6/2a0c:${(place >> 8).toString(16)}:${(place & 255).toString(16)}::${truth.toString(16)}`
}
