import { exponential } from './random.ts'
import { RELAY_REFUSES_AFTER, TRANSPORTS } from './transports.ts'
import type { Random } from './random.ts'
import type { SimulatedNetworkInit } from './network-init.ts'
import type { SimulatedTransport } from './transports.ts'
import type { Script } from '../scripted-network.ts'

/** The lasting behaviour of the host behind an address */
export type HostFate = 'good' | 'refuses' | 'stalls' | 'silent' | 'offline'

/** The path to an address */
export interface Link {
  readonly transport: SimulatedTransport
  /** The round trip in milliseconds, without jitter and loss */
  readonly roundTrip: number
}

/** Milliseconds, longer than any dial lasts */
const NEVER = 2 ** 31

/** The initial retransmission timeout in milliseconds, before a round trip was measured (RFC 6298, RFC 9002) */
const FIRST_TIMEOUT = 1_000

/** The minimum that Linux adds to the round trip for a retransmission timeout, in milliseconds (RFC 6298: four deviations) */
const MIN_DEVIATION = 200

export function isGood (fate: HostFate): boolean {
  return fate === 'good'
}

/** Draws the script of an address for one visit: the duration of its round trips, and the packets that are lost */
export function drawScript ({ transport, roundTrip }: Link, fate: HostFate, { jitter = 0, loss = 0 }: Pick<SimulatedNetworkInit, 'jitter' | 'loss'>, random: Random): Script {
  const { roundTrips: { first, all }, overhead, canRefuse } = TRANSPORTS[transport]
  const isRelay = transport === 'relay'
  const opening = trip(FIRST_TIMEOUT)
  const later = Array.from({ length: all - 1 }, () => trip(roundTrip + Math.max(MIN_DEVIATION, 2 * roundTrip)))
  const after = (count: number): number => later.slice(0, count - 1).reduce((sum, one) => sum + one, opening)

  if (isRelay && fate !== 'good') {
    return { refuses: after(RELAY_REFUSES_AFTER), error: new Error('The relay has no reservation of the peer') }
  }

  if (fate === 'refuses' && canRefuse) {
    return { refuses: opening }
  }

  if (fate === 'stalls' && first < all) {
    return { connects: NEVER, firstResponse: after(first) }
  }

  // a first response that arrives together with the connection is not reported
  return fate === 'good' ? { connects: after(all) + overhead, ...first < all && { firstResponse: after(first) }, ...isRelay && { isLimited: true } } : 'silent'

  function trip (timeout: number): number {
    let waited = 0
    let wait = timeout

    // a packet in either direction may be lost
    while (random() < 1 - (1 - loss) ** 2 && waited < NEVER) {
      waited += wait
      wait *= 2
    }

    return waited + roundTrip + exponential(random, jitter * roundTrip)
  }
}

/** Returns the milliseconds after which the fastest of the addresses connects. Infinity: none connects */
export function limitOf (addresses: ReadonlyArray<{ readonly script: Script }>): number {
  return Math.min(...addresses.map(({ script }) => script !== 'silent' && 'connects' in script && script.connects < NEVER ? script.connects : Infinity))
}
