import { exponential } from './random.ts'
import { RELAY_REFUSES_AFTER, TRANSPORTS } from './transports.ts'
import type { Random } from './random.ts'
import type { SimulatedNetworkInit } from './network-init.ts'
import type { SimulatedTransport } from './transports.ts'
import type { Script } from '../scripted-network.ts'

/** What the host at an address does, for good */
export type HostFate = 'good' | 'refuses' | 'stalls' | 'silent' | 'offline'

/** The way to an address */
export interface Link {
  readonly transport: SimulatedTransport
  /** Milliseconds, without jitter and loss */
  readonly roundTrip: number
}

/** Milliseconds, as far as nobody waits */
const NEVER = 2 ** 31

/** RFC 6298 and RFC 9002: milliseconds before a first packet is sent again, where nothing is known of the round trip */
const FIRST_TIMEOUT = 1_000

/** RFC 6298, as Linux has it: the timeout of later packets is the round trip and four deviations, 200 ms at least */
const MIN_DEVIATION = 200

export function isGood (fate: HostFate): boolean {
  return fate === 'good'
}

/** Draws what an address does at one moment: how long its round trips take, which packets are lost */
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

  // a transport whose first response is its connection reports none before
  return fate === 'good' ? { connects: after(all) + overhead, ...first < all && { firstResponse: after(first) }, ...isRelay && { isLimited: true } } : 'silent'

  function trip (timeout: number): number {
    let waited = 0
    let wait = timeout

    // both ways
    while (random() < 1 - (1 - loss) ** 2 && waited < NEVER) {
      waited += wait
      wait *= 2
    }

    return waited + roundTrip + exponential(random, jitter * roundTrip)
  }
}

/** When the best of some addresses connects, in milliseconds. Infinity: never */
export function limitOf (addresses: ReadonlyArray<{ readonly script: Script }>): number {
  return Math.min(...addresses.map(({ script }) => script !== 'silent' && 'connects' in script && script.connects < NEVER ? script.connects : Infinity))
}
