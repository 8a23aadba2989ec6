import { withoutPeer } from './peers.ts'
import type { Random } from '../random.ts'
import type { TestPeer } from './peers.ts'

/** Options of a dial. `abortAfter`: milliseconds until its signal aborts */
export interface ScriptedOptions {
  abortAfter?: number
  force?: boolean
  runOnLimitedConnection?: boolean
  priority?: number
}

/** A call of an application. Without addresses, the dial names only the peer */
export type Call =
  | { readonly type: 'dial' | 'isDialable', readonly peer: TestPeer, readonly addresses: readonly string[], readonly options: ScriptedOptions }
  | { readonly type: 'merge' | 'patch' | 'save', readonly peer: TestPeer, readonly addresses: readonly string[] }
  | { readonly type: 'delete' | 'hangUp' | 'remoteClose', readonly peer: TestPeer }
  | { readonly type: 'deny', readonly what: 'nothing' | 'peer' | 'address' | 'filter' | 'encrypted' | 'throws', readonly peer: TestPeer }
  | { readonly type: 'restart' }

/** Settings of the node's connection manager */
export type Limits = Partial<Record<'maxParallelDials' | 'maxDialQueueLength' | 'maxPeerAddrsToDial', number>>

/** Returns the random settings of a node */
export function limitsFrom (random: Random): Limits {
  return {
    ...random.chance(0.3) ? { maxParallelDials: random.between(1, 3) } : {},
    ...random.chance(0.2) ? { maxDialQueueLength: random.between(1, 4) } : {},
    ...random.chance(0.2) ? { maxPeerAddrsToDial: random.between(1, 4) } : {}
  }
}

/** Returns random calls. Those of a step are made at once */
export function scriptFrom (random: Random, peers: readonly TestPeer[]): Call[][] {
  return random.list(14, () => random.chance(0.4) ? random.list(6, () => callFrom(random, peers), 2) : [callFrom(random, peers)], 14)
}

function callFrom (random: Random, peers: readonly TestPeer[]): Call {
  const peer = random.pick(peers)

  return random.weigh<() => Call>([
    [60, () => ({ type: 'dial', peer, addresses: targetOf(random, peer), options: optionsFrom(random) })],
    [5, () => ({ type: 'isDialable', peer, addresses: [random.pick([...peer.good, ...peer.bad])], options: {} })],
    [10, () => ({ type: random.pick(['merge', 'patch', 'save']), peer, addresses: addressesOf(random, peer) })],
    [4, () => ({ type: 'delete', peer })],
    [8, () => ({ type: 'hangUp', peer })],
    [4, () => ({ type: 'remoteClose', peer })],
    [6, () => ({ type: 'deny', what: random.pick(['nothing', 'nothing', 'peer', 'address', 'filter', 'encrypted', 'throws']), peer })],
    [3, () => ({ type: 'restart' })]
  ])()
}

function targetOf (random: Random, peer: TestPeer): string[] {
  return random.weigh<() => string[]>([
    [4, () => []],
    [4, () => addressesOf(random, peer)],
    [2, () => addressesOf(random, peer).slice(0, 1)],
    [1, () => [withoutPeer(random.pick([...peer.good.filter(one => !one.includes('/p2p-circuit')), '/ip4/127.0.0.1/tcp/1/p2p/x']))]]
  ])()
}

function addressesOf (random: Random, { good, bad }: TestPeer): string[] {
  const some = [...good.filter(() => random.chance(0.6)), ...bad.filter(() => random.chance(0.2))]

  return some.map(one => ({ one, at: random.next() })).toSorted((a, b) => a.at - b.at).map(({ one }) => one)
}

function optionsFrom (random: Random): ScriptedOptions {
  return {
    ...random.chance(0.1) ? { abortAfter: random.pick([0, 1, 20, 150]) } : {},
    ...random.chance(0.1) ? { force: true } : {},
    ...random.chance(0.25) ? { runOnLimitedConnection: random.chance(0.7) } : {},
    ...random.chance(0.1) ? { priority: random.pick([0, 50, 100]) } : {}
  }
}
