import { multiaddr } from '@multiformats/multiaddr'
import { numberedAddress, PEERS, randomAddress } from './addresses.ts'
import type { Moment } from './networks.ts'
import type { Random } from './random.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The duration of a script in virtual milliseconds */
export const SCRIPT_TIME = 14_000

/** The act of a caller's listener at its nth progress event */
export interface Reaction {
  nth: number
  act: 'throw' | 'abort' | 'dial' | 'stop' | 'restart'
}

export interface DialSpec {
  target: any
  pipeline: 'own' | 'other' | 'nonsense'
  signal: 'none' | 'own' | 'aborted'
  options: Record<string, unknown>
  /** The reason of the abort */
  reason: unknown
  reaction?: Reaction
}

export type Act =
  | { kind: 'dial', spec: DialSpec }
  /** Dials the peer of an earlier dial again, with other addresses. Default: the latest running dial */
  | { kind: 'join', earlier?: number, spec: DialSpec }
  | { kind: 'abort', earlier: number }
  | { kind: 'stop' | 'start' | 'restart' }
  /** A peer connects to the node */
  | { kind: 'accept', address: Multiaddr }
  | { kind: 'close', nth: number }

export interface Action {
  /** A time, or the nth moment of a kind */
  when: number | { moment: Moment, nth: number }
  /** The number of microtasks to wait after that */
  microtasks: number
  act: Act
}

function randomTarget (random: Random): any {
  const peer = random.pick(PEERS)
  const one = (): Multiaddr => randomAddress(random, peer)

  return random.weigh<() => any>([
    [6, () => peer],
    [4, one],
    [8, () => withPeer(random.list(8, one, 1), peer)],
    [1.5, () => withPeer(Array.from({ length: 4 }, one).flatMap(address => [address, address]), peer)],
    [2, () => random.list(4, () => randomAddress(random), 1)],
    [0.8, () => Array.from({ length: random.between(50, 400) }, (_, i) => numberedAddress(i, peer))],
    [0.2, () => random.pick([undefined, null, 'text', 7, {}, ['text'], [undefined], []])],
    [0.1, () => [randomAddress(random, PEERS[0]), randomAddress(random, PEERS[1])]]
  ])()
}

/** Adds the peer id to addresses without one, because a dial must not mix the two */
function withPeer (addresses: Multiaddr[], peer: PeerId): Multiaddr[] {
  return addresses.map(address => address.toString().endsWith(`/p2p/${peer}`) ? address : multiaddr(`${address.toString()}/p2p/${peer}`))
}

function randomOptions (random: Random): Record<string, unknown> {
  return {
    ...random.chance(0.3) ? { priority: random.weigh<unknown>([[40, random.between(0, 100)], [1, Number.NaN], [1, 'text'], [1, '60'], [0.5, Infinity], [0.5, null], [0.5, {}]]) } : {},
    ...random.chance(0.12) ? { force: true } : {},
    ...random.chance(0.05) ? { initiator: false } : {},
    ...random.chance(0.04) ? { provenance: random.pick<unknown>([['user'], { exclude: ['routing'] }, 'text', 7]) } : {},
    ...random.chance(0.1) ? { other: {} } : {}
  }
}

function randomSpec (random: Random): DialSpec {
  return {
    target: randomTarget(random),
    pipeline: random.weigh([[30, 'own'], [10, 'other'], [0.7, 'nonsense']]),
    signal: random.weigh([[10, 'none'], [10, 'own'], [0.7, 'aborted']]),
    options: randomOptions(random),
    reason: random.weigh<unknown>([[6, new Error('changed my mind')], [1, undefined], [1, 'text'], [1, null], [1, Object.assign(new Error('late'), { name: 'TimeoutError' })]]),
    reaction: random.chance(0.25) ? { nth: random.below(6), act: random.weigh([[5, 'throw'], [5, 'abort'], [5, 'dial'], [1, 'stop'], [1, 'restart']]) } : undefined
  }
}

function randomAct (random: Random): Act {
  const earlier = random.below(12)

  return random.weigh<() => Act>([
    [10, () => ({ kind: 'dial', spec: randomSpec(random) })],
    [10, () => ({ kind: 'join', earlier: random.chance(0.5) ? undefined : earlier, spec: randomSpec(random) })],
    [6, () => ({ kind: 'abort', earlier })],
    [0.3, () => ({ kind: 'stop' })],
    [0.7, () => ({ kind: 'start' })],
    [0.4, () => ({ kind: 'restart' })],
    [1, () => ({ kind: 'accept', address: randomAddress(random, random.pick(PEERS)) })],
    [1, () => ({ kind: 'close', nth: random.below(6) })]
  ])()
}

function randomWhen (random: Random): Action['when'] {
  return random.chance(0.5)
    ? random.weigh([[3, 0], [3, random.below(1_000)], [3, random.below(SCRIPT_TIME)]])
    : { moment: random.weigh([[3, 'attempt'], [4, 'attempt-ended'], [6, 'quiet'], [1, 'last-call'], [2, 'event'], [2, 'connected'], [3, 'settled']]), nth: random.below(10) }
}

/** Returns the random script of a case. The first act is an immediate dial */
export function randomScript (random: Random): Action[] {
  const count = random.weigh([[5, random.between(1, 5)], [4, random.between(5, 15)], [2, random.between(15, 40)]])
  const microtasks = (): number => random.chance(0.3) ? 0 : random.below(100)

  return Array.from({ length: count }, (_, i) => i === 0
    ? { when: 0, microtasks: 0, act: { kind: 'dial', spec: randomSpec(random) } }
    : random.chance(0.2) ? lateJoin(random) : { when: randomWhen(random), microtasks: microtasks(), act: randomAct(random) })
}

/** Returns a caller who joins while a dial ends: the race is over, and its callers have no result yet */
function lateJoin (random: Random): Action {
  return { when: { moment: 'last-call', nth: random.below(3) }, microtasks: random.below(16), act: { kind: 'join', spec: randomSpec(random) } }
}
