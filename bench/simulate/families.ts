import type { Belief } from '../../src/history/belief.ts'
import type { SimulatedAddressKind, SimulatedNetworkInit } from '../../src/testing/index.ts'

/** Peers of one kind in one network */
export interface Family {
  readonly name: string
  readonly title: string
  readonly network: Omit<SimulatedNetworkInit, 'seed'>
  /** The belief of a dialer that is told about the family */
  readonly belief?: Partial<Belief>
}

const tcp = (init: Partial<SimulatedAddressKind> = {}): SimulatedAddressKind => ({ transport: 'tcp', ...init })
const quic = (init: Partial<SimulatedAddressKind> = {}): SimulatedAddressKind => ({ transport: 'quic', ...init })
const ws = (init: Partial<SimulatedAddressKind> = {}): SimulatedAddressKind => ({ transport: 'ws', ...init })
const relay = (init: Partial<SimulatedAddressKind> = {}): SimulatedAddressKind => ({ transport: 'relay', ...init })

/** Addresses that a peer of the DHT may have: QUIC and TCP over both IP versions, and WebSockets */
const usual = (good: number): SimulatedAddressKind[] => [tcp({ good, refuses: 0.3 }), quic({ good }), tcp({ good, refuses: 0.3, version: 6 }), quic({ good, version: 6 }), ws({ good, refuses: 0.3 })]

/** The share of DHT peers that cannot be dialled (ProbeLab, RFM 19), and of those that were offline in a week (probe-lab issue 57) */
const OFFLINE = [0.26, 0.38]

/** The families. Each is measured with new peers, after 50 other peers of it, and with peers that were dialled before */
export const families: readonly Family[] = [
  {
    name: 'S1',
    title: 'four TCP addresses, all good',
    network: { addresses: [tcp({ count: 4 })] },
    belief: { success: 0.95, online: 1 }
  },
  {
    name: 'S2',
    title: 'three TCP addresses, the first silent',
    network: { addresses: [tcp({ good: 0 }), tcp({ count: 2 })] },
    belief: { success: 0.5, online: 1 }
  },
  {
    name: 'S3',
    title: 'eight TCP addresses: 30 % good, 42 % silent, 28 % refuse',
    network: { addresses: [tcp({ count: 8, good: 0.3, refuses: 0.4 })] },
    belief: { success: 0.3, online: 1 }
  },
  {
    name: 'S4',
    title: 'four TCP addresses, the first two refuse',
    network: { addresses: [tcp({ count: 2, good: 0, refuses: 1 }), tcp({ count: 2 })] },
    belief: { success: 0.5, online: 1 }
  },
  {
    name: 'S5',
    title: 'slow TCP (200 ms) listed before fast QUIC (40 ms)',
    network: { addresses: [tcp({ roundTrip: 200 }), quic({ roundTrip: 40 })], spread: 0.01 },
    belief: { success: 0.95, online: 1 }
  },
  {
    name: 'S6',
    title: 'QUIC is blocked, TCP is not',
    network: { addresses: [quic({ good: 0 }), tcp()] },
    belief: { success: 0.5, online: 1 }
  },

  ...OFFLINE.map(share => ({
    name: `offline ${100 * share}`,
    title: `${100 * share} % of peers offline, all their addresses together; five addresses, 80 % good`,
    network: { addresses: usual(0.8), online: 1 - share }
  })),
  {
    name: 'offline 40, stale',
    title: '40 % of peers offline, eight TCP addresses, 60 % good where the peer is online',
    network: { addresses: [tcp({ count: 8, good: 0.6, refuses: 0.4 })], online: 0.6 }
  },
  {
    name: 'offline 65, healthy',
    title: '65 % of peers offline; QUIC, TCP and WebSockets on one host, 95 % good where the peer is online',
    network: { addresses: [quic({ good: 0.95 }), tcp({ good: 0.95 }), ws({ good: 0.95 })], online: 0.35, oneHost: true }
  },

  {
    name: 'direct and relays',
    title: 'one good TCP address and two relays',
    network: { addresses: [tcp(), relay({ count: 2 })], upgrades: 0.7 }
  },
  {
    name: 'perhaps behind a NAT',
    title: 'TCP and QUIC, 50 % good, and two relays, 90 % good; 70 % of relayed connections are upgraded',
    network: { addresses: [tcp({ good: 0.5 }), quic({ good: 0.5 }), relay({ count: 2, good: 0.9 })], upgrades: 0.7 }
  },
  {
    name: 'behind a NAT',
    title: 'silent TCP and QUIC addresses and three relays, 90 % good; 70 % of relayed connections are upgraded',
    network: { addresses: [tcp({ good: 0.03 }), quic({ good: 0.03 }), relay({ count: 3, good: 0.9 })], upgrades: 0.7 }
  },

  ...[2, 5].map(percent => ({
    name: `loss ${percent}`,
    title: `${percent} % of packets are lost; five addresses, 90 % good`,
    network: { addresses: usual(0.9), loss: percent / 100 }
  })),
  {
    name: 'jitter',
    title: 'round trips take 40 % longer in the mean, by chance; five addresses, 90 % good',
    network: { addresses: usual(0.9), jitter: 0.4 }
  },

  ...[1, 80, 300].map(roundTrip => ({
    name: `${roundTrip} ms`,
    title: `round trips with a median of ${roundTrip} ms; four TCP addresses, 80 % good`,
    network: { addresses: [tcp({ count: 4, good: 0.8, refuses: 0.4 })], roundTrip }
  })),
  {
    name: 'one host',
    title: 'QUIC, TCP and WebSockets over IPv4 and IPv6 on one host, 90 % good',
    network: { addresses: [quic({ good: 0.9 }), quic({ good: 0.9, version: 6 }), tcp({ good: 0.9 }), tcp({ good: 0.9, version: 6 }), ws({ good: 0.9 })], oneHost: true }
  },
  {
    name: 'IPv6 broken',
    title: 'two TCP addresses over IPv6, silent, before two good ones over IPv4',
    network: { addresses: [tcp({ count: 2, good: 0.02, version: 6 }), tcp({ count: 2, good: 0.95 })] }
  },

  {
    name: '4 stale',
    title: 'four addresses, 30 % good',
    network: { addresses: [tcp({ count: 2, good: 0.3, refuses: 0.4 }), quic({ count: 2, good: 0.3 })] }
  },
  {
    name: '12 mixed',
    title: 'twelve addresses over QUIC and TCP, 25 % good',
    network: { addresses: [tcp({ count: 6, good: 0.25, refuses: 0.4 }), quic({ count: 6, good: 0.25 })] }
  },
  {
    name: '20 dead',
    title: 'twenty TCP addresses, 5 % good',
    network: { addresses: [tcp({ count: 20, good: 0.05, refuses: 0.4 })] }
  },
  {
    name: '20 good',
    title: 'twenty addresses over QUIC and TCP, 90 % good',
    network: { addresses: [tcp({ count: 10, good: 0.9 }), quic({ count: 10, good: 0.9 })] }
  }
]
