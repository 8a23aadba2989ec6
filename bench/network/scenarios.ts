import { STEP, virtualHost } from '../../test/helpers/network/address.ts'
import { logNormal } from './random.ts'
import type { Fate } from '../../test/helpers/network/address.ts'
import type { ListeningPeer } from './listeners.ts'
import type { Random } from './random.ts'
import type { Belief } from '../../src/history/belief.ts'

export type Transport = 'tcp' | 'ws' | 'quic'

/** The actual behaviour of an address */
export interface Truth {
  readonly transport: Transport
  readonly version: 4 | 6
  readonly fate: Fate | 'refuses'
  /** The round trip in milliseconds */
  readonly roundTrip: number
}

export interface Scenario {
  readonly name: string
  readonly title: string
  /** Draws the addresses of a peer, in the order in which the dialers get them */
  readonly peer: (random: Random) => Truth[]
  /** The belief of a dialer that is told about the scenario */
  readonly belief: Partial<Belief>
  /** The peers that a dialer with a history has dialled before: each peer once, or other peers in the same network */
  readonly history: 'the same peers' | 'other peers'
  /** The index of the address that is first in libp2p's own order. The bench checks it, because another order is another scenario */
  readonly first: number
}

/** Round trips until `dial` has a connection, counted on this network (TCP and WebSockets with noise and early muxer negotiation) */
const ROUND_TRIPS: Record<Transport, number> = { quic: 1, tcp: 3, ws: 4 }

/** A port without a listener */
const CLOSED_PORT = 9

/** Draws a round trip with the default distribution of `Belief`: a median of 80 ms, here limited to 24 to 200 ms */
export function roundTrip (random: Random): number {
  const drawn = logNormal(random, 80, 0.7)

  return Math.round(Math.min(200, Math.max(24, drawn)) / STEP) * STEP
}

export function scenarios (fast: 'quic' | 'ws'): Scenario[] {
  // the blocked transport is listed first. Without QUIC, TCP is the blocked one and WebSockets the open one
  const [blocked, open] = fast === 'quic' ? ['quic', 'tcp'] as const : ['tcp', 'ws'] as const

  return [
    {
      name: 'S1',
      title: 'four TCP addresses, all good',
      peer: goodPeer,
      belief: { success: 0.95, online: 1 },
      history: 'the same peers',
      first: 0
    },
    {
      name: 'S2',
      title: 'three TCP addresses, the first a blackhole',
      peer: random => times(3, i => tcp(i === 0 ? 'silent' : 'answers', roundTrip(random))),
      // a neutral belief: no probability can tell which of the addresses is silent
      belief: { success: 0.5, online: 1 },
      history: 'the same peers',
      first: 0
    },
    {
      name: 'S3',
      title: 'eight TCP addresses, most of them stale: 30 % good, 42 % blackholes, 28 % refuse',
      peer: stalePeer,
      belief: { success: 0.3, online: 1 },
      history: 'the same peers',
      first: 0
    },
    {
      name: 'S4',
      title: 'four TCP addresses, the first two refuse',
      peer: random => times(4, i => tcp(i < 2 ? 'refuses' : 'answers', roundTrip(random))),
      belief: { success: 0.5, online: 1 },
      history: 'the same peers',
      first: 0
    },
    {
      name: 'S5',
      title: `slow TCP (200 ms) listed before fast ${label(fast)} (40 ms)`,
      peer: () => [tcp('answers', 200), { transport: fast, version: 4, fate: 'answers', roundTrip: 40 }],
      belief: { success: 0.95, online: 1 },
      history: 'other peers',
      first: 0
    },
    {
      name: 'S6',
      title: `${label(blocked)} is blocked, ${label(open)} is not`,
      peer: random => [{ transport: blocked, version: 4, fate: 'silent', roundTrip: 40 }, { transport: open, version: 4, fate: 'answers', roundTrip: roundTrip(random) }],
      belief: { success: 0.5, online: 1 },
      history: 'other peers',
      first: fast === 'quic' ? 1 : 0
    },
    {
      name: 'S7',
      title: 'IPv6 is broken, and listed before IPv4',
      peer: random => [...times(2, () => tcp('silent', roundTrip(random), 6)), ...times(2, () => tcp('answers', roundTrip(random)))],
      belief: { success: 0.5, online: 1 },
      history: 'other peers',
      first: 0
    },
    {
      name: 'S9',
      title: 'four TCP addresses, the first opens and then says nothing',
      peer: random => times(4, i => tcp(i === 0 ? 'stalls' : 'answers', roundTrip(random))),
      belief: { success: 0.75, online: 1 },
      history: 'the same peers',
      first: 0
    }
  ]
}

/** Draws a peer with four good addresses */
export function goodPeer (random: Random): Truth[] {
  return times(4, () => tcp('answers', roundTrip(random)))
}

/** Draws a peer with eight addresses. 30 % of them are good, and at least one is */
export function stalePeer (random: Random): Truth[] {
  return reachable(() => times(8, () => tcp(stale(random), roundTrip(random))))
}

/** Returns the milliseconds after which the fastest address connects. Infinity: none does */
export function minConnectTime (truths: readonly Truth[]): number {
  return Math.min(...truths.map(connects))
}

/** Returns the index of the address that connects first */
export function bestOf (truths: readonly Truth[]): number {
  return truths.findIndex(truth => connects(truth) === minConnectTime(truths))
}

/** Returns the addresses as text with the peer id. `places` numbers the hosts of the virtual network, so that no two peers share an address */
export function addressesOf (truths: readonly Truth[], { id, ports }: ListeningPeer, places: () => number): string[] {
  return truths.map(({ transport, version, fate, roundTrip }) => {
    const host = virtualHost(version, places(), fate === 'refuses' ? 'answers' : fate, roundTrip)
    const port = fate === 'refuses' ? CLOSED_PORT : ports[`${transport}${version}`]

    if (port == null) {
      throw new Error(`nobody listens for ${transport} over IPv${version}`)
    }

    return `${host}/${transport === 'quic' ? 'udp' : 'tcp'}/${port}${{ quic: '/quic-v1', tcp: '', ws: '/ws' }[transport]}/p2p/${id}`
  })
}

function connects ({ transport, fate, roundTrip }: Truth): number {
  return fate === 'answers' ? ROUND_TRIPS[transport] * roundTrip : Infinity
}

function tcp (fate: Truth['fate'], roundTrip: number, version: 4 | 6 = 4): Truth {
  return { transport: 'tcp', version, fate, roundTrip }
}

function stale (random: Random): Truth['fate'] {
  const drawn = random()

  return drawn < 0.3 ? 'answers' : drawn < 0.72 ? 'silent' : 'refuses'
}

/** Draws until an address is good: the time of a dial that must fail is a different question */
function reachable (draw: () => Truth[]): Truth[] {
  let truths = draw()

  while (minConnectTime(truths) === Infinity) {
    truths = draw()
  }

  return truths
}

function times<T> (count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i))
}

function label (transport: Transport): string {
  return { tcp: 'TCP', ws: 'WebSockets', quic: 'QUIC' }[transport]
}
