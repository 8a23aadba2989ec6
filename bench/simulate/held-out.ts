// Families that are not used for tuning. They were committed before the first commit that tunes, and are run after the last one
import { seeded } from '../../src/testing/simulation/random.ts'
import type { Family } from './families.ts'
import type { Random } from '../../src/testing/simulation/random.ts'
import type { SimulatedAddressKind, SimulatedTransport } from '../../src/testing/index.ts'

const FIRST_SEED = 20_261_128
const COUNT = 40

/** The range of each random property */
const RANGES = {
  /** The share of online peers, in two of three families. In the others every peer is online */
  online: [0.35, 0.95],
  /** Milliseconds. `near` applies to one family of four */
  roundTrip: [20, 300],
  near: [1, 20],
  spread: [0.3, 0.9],
  /** The jitter, in half of the families */
  jitter: [0.05, 0.5],
  /** The loss of packets, in half of the families */
  loss: [0.005, 0.05],
  /** The mean of the direct addresses of a family. Each transport deviates from it by up to `around` */
  good: [0.05, 1],
  around: 0.25,
  refuses: [0, 0.6],
  stalls: [0, 0.05],
  addresses: [2, 20],
  /** The number of relayed addresses, in a third of the families */
  relays: [1, 3],
  relaysGood: [0.5, 1],
  upgrades: 0.7
} as const

const TRANSPORTS: readonly SimulatedTransport[] = ['tcp', 'quic', 'ws', 'wss', 'webtransport', 'webrtc-direct']

/** The transports by weight: TCP and QUIC are three times as likely as each other one */
const WEIGHTED: readonly SimulatedTransport[] = [...TRANSPORTS, 'tcp', 'quic', 'tcp', 'quic']

export const heldOut: readonly Family[] = Array.from({ length: COUNT }, (_, i) => heldOutFamily(FIRST_SEED + i))

function heldOutFamily (seed: number): Family {
  const random = seeded(seed)
  const between = ([low, high]: readonly [number, number]): number => low + random() * (high - low)
  const whole = ([low, high]: readonly [number, number]): number => Math.floor(between([low, high + 1]))
  const sometimes = (share: number, range: readonly [number, number], otherwise: number): number => random() < share ? between(range) : otherwise

  const online = sometimes(2 / 3, RANGES.online, 1)
  const [nearest, farthest] = random() < 0.25 ? RANGES.near : RANGES.roundTrip
  const roundTrip = Math.exp(between([Math.log(nearest), Math.log(farthest)]))
  const spread = between(RANGES.spread)
  const jitter = sometimes(0.5, RANGES.jitter, 0)
  const loss = sometimes(0.5, RANGES.loss, 0)
  const oneHost = random() < 0.5
  const hasRelays = random() < 1 / 3
  const addresses = drawKinds(random, whole(RANGES.addresses), between, between(RANGES.good))
  const relays: SimulatedAddressKind[] = hasRelays ? [{ transport: 'relay', count: whole(RANGES.relays), good: between(RANGES.relaysGood) }] : []

  return {
    name: String(seed),
    title: `drawn by chance, seed ${seed}`,
    network: { addresses: [...addresses, ...relays], online, roundTrip, spread, jitter, loss, oneHost, ...hasRelays && { upgrades: RANGES.upgrades } }
  }
}

/** Draws direct addresses, each with a random transport and IP version. Addresses of one transport and version have the same properties */
function drawKinds (random: Random, count: number, between: (range: readonly [number, number]) => number, good: number): SimulatedAddressKind[] {
  const kinds = new Map<string, SimulatedAddressKind>()
  const drawn = Array.from({ length: count }, () => ({ transport: WEIGHTED[Math.floor(random() * WEIGHTED.length)] ?? 'tcp', version: random() < 0.7 ? 4 : 6 } as const))

  return drawn.map(({ transport, version }) => {
    const name = `${transport} ${version}`
    const kind = kinds.get(name) ?? {
      transport,
      version,
      good: Math.min(1, Math.max(0.02, good + between([-RANGES.around, RANGES.around]))),
      refuses: between(RANGES.refuses),
      stalls: between(RANGES.stalls)
    }
    kinds.set(name, kind)

    return kind
  })
}
