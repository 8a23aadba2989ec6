import { logNormal } from '../network/random.ts'
import type { Random } from '../network/random.ts'
import type { Fate } from './model.ts'
import type { Estimate } from '../../src/pipeline/types.ts'

/** What is true of an address */
interface Kind {
  readonly path: string
  /** The probability that it connects, if the peer is online */
  readonly valid: number
  /** The median of round trips, in milliseconds */
  readonly roundTrip: number
  /** How many go by until the first response, and until the connection */
  readonly roundTrips: { readonly first: number, readonly all: number }
  /** The share of the dead that is silent; the others refuse after one round trip */
  readonly silent: number
}

export interface Scenario {
  readonly name: string
  /** The probability that a peer is online */
  readonly online: number
  /** Of its addresses, in the order in which they are listed */
  readonly kinds: readonly Kind[]
}

/** Of the natural logarithm of round trips */
const SPREAD = 0.6

/** Milliseconds that a handshake takes beside its round trips */
const OVERHEAD = 4

const tcp = (valid: number, roundTrip: number, silent = 0.6): Kind => ({ path: 'tcp/4001', valid, roundTrip, roundTrips: { first: 1, all: 3 }, silent })
const quic = (valid: number, roundTrip: number): Kind => ({ path: 'udp/4001/quic-v1', valid, roundTrip, roundTrips: { first: 1, all: 1 }, silent: 1 })
const wss = (valid: number, roundTrip: number): Kind => ({ path: 'tcp/443/tls/ws', valid, roundTrip, roundTrips: { first: 3, all: 5 }, silent: 0.6 })
const relay = (valid: number, roundTrip: number): Kind => ({ path: 'tcp/4001/p2p/12D3KooW9xBQPBhK5VHb8qniBUZVxmS365bjfpQngjpBduihLiPM/p2p-circuit', valid, roundTrip, roundTrips: { first: 9, all: 11 }, silent: 0.6 })
const times = (n: number, kind: Kind): Kind[] => Array.from({ length: n }, () => kind)

export const scenarios: readonly Scenario[] = [
  { name: '4 healthy', online: 1, kinds: times(4, tcp(0.95, 60)) },
  { name: '8 stale', online: 1, kinds: times(8, tcp(0.3, 80)) },
  { name: 'IPv6 broken', online: 1, kinds: [...times(2, tcp(0.02, 60, 1)), ...times(2, tcp(0.95, 60))] },
  { name: 'QUIC and TCP', online: 1, kinds: [quic(0.8, 77), tcp(0.95, 77)] },
  { name: 'half online', online: 0.5, kinds: times(8, tcp(0.6, 80)) },
  { name: 'first or none', online: 0.35, kinds: times(8, tcp(0.9, 80)) },
  { name: 'direct and relay', online: 1, kinds: [tcp(0.95, 80), relay(0.9, 80)] },
  { name: 'three transports', online: 1, kinds: [quic(0.8, 80), tcp(0.8, 80), wss(0.8, 80)] }
]

/** What the addresses of a peer do, one of which connects at least */
export function fatesOf (scenario: Scenario, random: Random): Fate[] {
  while (true) {
    const fates = scenario.kinds.map(kind => fateOf(kind, random))

    if (fates.some(({ connects }) => connects)) {
      return fates
    }
  }
}

function fateOf ({ valid, roundTrip, roundTrips, silent }: Kind, random: Random): Fate {
  const trip = logNormal(random, roundTrip, SPREAD)

  if (random() < valid) {
    return { connects: true, ends: trip * roundTrips.all + OVERHEAD, firstResponse: roundTrips.first === roundTrips.all ? undefined : trip * roundTrips.first }
  }

  return random() < silent ? { connects: false } : { connects: false, ends: trip }
}

/** What a node believes of an address that has dialled in a scenario for long */
export function truth ({ online, kinds }: Scenario, index: number): Estimate {
  const { valid, roundTrip, roundTrips } = kinds[index] as Kind

  return {
    success: online * valid,
    valid,
    firstResponse: { mu: Math.log(roundTrip * roundTrips.first), sigma: SPREAD },
    connect: roundTrip * roundTrips.all,
    roundTrips
  }
}
