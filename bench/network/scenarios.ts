import { STEP, virtualHost } from '../../test/helpers/network/address.ts'
import { logNormal } from './random.ts'
import type { Fate } from '../../test/helpers/network/address.ts'
import type { ListeningPeer } from './listeners.ts'
import type { Random } from './random.ts'
import type { Belief } from '../../src/history/belief.ts'

export type Transport = 'tcp' | 'ws' | 'quic'

/** What is true of an address */
export interface Truth {
  readonly transport: Transport
  readonly version: 4 | 6
  readonly fate: Fate | 'refuses'
  /** In milliseconds */
  readonly roundTrip: number
}

export interface Scenario {
  readonly name: string
  readonly title: string
  /** The addresses of a peer, in the order in which the dialers are given them */
  readonly peer: (random: Random) => Truth[]
  /** What a dialer with stated beliefs is told of it */
  readonly belief: Partial<Belief>
  /** Whom a dialer with a history has dialled before: each peer once, or as many others in the same network */
  readonly history: 'the same peers' | 'other peers'
  /** Which of the listed addresses libp2p's own order has first: checked, or it would be another scenario */
  readonly first: number
}

/** Round trips until `dial` has a connection, counted on this network (TCP and WebSockets with noise and early muxer negotiation) */
const ROUND_TRIPS: Record<Transport, number> = { quic: 1, tcp: 3, ws: 4 }

/** Nobody listens there */
const CLOSED_PORT = 9

/** Median 80 ms, and nine of ten between 25 and 200 ms, as `Belief` has them by default */
export function roundTrip (random: Random): number {
  const drawn = logNormal(random, 80, 0.7)

  return Math.round(Math.min(200, Math.max(24, drawn)) / STEP) * STEP
}

export function scenarios (fast: 'quic' | 'ws'): Scenario[] {
  // what of the fast transport is blocked is listed first; without QUIC it is TCP, and WebSockets take the other part
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
      // no more than that nothing is known: which one is dead, no belief can say
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

/** Four addresses, all good */
export function goodPeer (random: Random): Truth[] {
  return times(4, () => tcp('answers', roundTrip(random)))
}

/** Eight addresses of which 30 % are good, and at least one */
export function stalePeer (random: Random): Truth[] {
  return reachable(() => times(8, () => tcp(stale(random), roundTrip(random))))
}

/** The earliest at which a connection is possible; Infinity where it is not */
export function limitOf (truths: readonly Truth[]): number {
  return Math.min(...truths.map(connects))
}

/** Where an oracle would dial */
export function bestOf (truths: readonly Truth[]): number {
  return truths.findIndex(truth => connects(truth) === limitOf(truths))
}

/** As text, with the id of the peer. `places` are those of its addresses in the virtual network, and nobody else's */
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

/** Draws again where no address is good: nobody can connect there, and how long they take to say so is another question */
function reachable (draw: () => Truth[]): Truth[] {
  let truths = draw()

  while (limitOf(truths) === Infinity) {
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
