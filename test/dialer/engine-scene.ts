import { getEventListeners } from 'node:events'
import { fc } from '@fast-check/ava'
import { DialEngine } from '../../src/dialer/dial-engine.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { BY_REACH } from '../../src/pipeline/convergence.ts'
import { pipeline } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { address } from '../helpers/address.ts'
import { world } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { FOR_EVER, runs } from './engine-pipelines.ts'
import type { Shape } from './engine-pipelines.ts'
import type { ObservedDial } from '../../src/metrics/observer.ts'
import type { SlotsInit } from '../../src/dialer/attempts/slots.ts'
import type { DialPipelineOptions } from '../../src/pipeline/types.ts'
import type { ScriptedNetwork } from '../../src/testing/scripted-network.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

/** The peers. The last one is the relay, which has one address */
const PEERS = await Promise.all([newPeer(), newPeer(), newPeer()])
const RELAY = 100

const never = new AbortController().signal
const numberOf = (multiaddr: Multiaddr): number => Number(multiaddr.toString().split('/')[2]?.split('.').at(-1))

/** A pipeline that starts as many attempts as the slots permit */
const PROBE = pipeline(fromCaller(), stagger(10), race())

/** The behaviour of an address, and whether its transport ignores aborts */
export interface Behaviour {
  connects?: number
  firstResponse?: number
  refuses?: number
  isDeaf: boolean
  /** Whether the connection is closed when it arrives */
  isClosed?: boolean
  /** Whether the address is dialled through the relay, which has a number of its own */
  isRelayed?: boolean
}

/** The delays of the node's services, and the peers that the gater denies */
export interface Services {
  store: number
  routing: number
  gater: number
  denied: number[]
}

const PROMPT: Services = { store: 0, routing: 0, gater: 0, denied: [] }

export const services: fc.Arbitrary<Services> = fc.record({ store: fc.nat(3_000), routing: fc.nat(5_000), gater: fc.oneof(fc.constant(0), fc.nat(500)), denied: fc.uniqueArray(fc.nat(10), { maxLength: 3 }) })

// addresses that connect within the timeouts, even if the relay has to be dialled first
export const answers: fc.Arbitrary<Behaviour> = fc.record({ connects: fc.nat(1_900), isDeaf: fc.boolean() })
const responds: fc.Arbitrary<Behaviour> = fc.record({ firstResponse: fc.nat(1_900), connects: fc.integer({ min: 1_900, max: 5_900 }), isDeaf: fc.boolean() })
const late: fc.Arbitrary<Behaviour> = fc.record({ firstResponse: fc.option(fc.nat(7_000), { nil: undefined }), connects: fc.integer({ min: 7_000, max: 30_000 }), isDeaf: fc.boolean() })
/** Refusals without an error code: with one, a slow refusal would count as a slow response of that network */
const refuses: fc.Arbitrary<Behaviour> = fc.record({ refuses: fc.nat(8_000), isDeaf: fc.boolean() })
const silent: fc.Arbitrary<Behaviour> = fc.constant({ isDeaf: false })
export const dead = fc.oneof(refuses, silent, silent)
export const behaviour = fc.oneof(answers, responds, late, dead)
export const good: fc.Arbitrary<Behaviour> = fc.tuple(fc.oneof(answers, responds), fc.record({ isRelayed: fc.boolean() })).map(merged)
export const odd: fc.Arbitrary<Behaviour> = fc.tuple(behaviour, fc.record({ isRelayed: fc.boolean(), isClosed: fc.boolean() })).map(merged)

function merged ([one, more]: [Behaviour, Partial<Behaviour>]): Behaviour {
  return { ...one, ...more }
}

export const slots: fc.Arbitrary<SlotsInit> = fc.record({
  node: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(160)),
  peer: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(8)),
  transport: fc.constantFrom<Record<string, number>>({}, { scripted: 1 }, { scripted: 5 })
})

export interface Call {
  at: number
  peer: number
  shape: number
  addresses: number[]
  force: boolean
  /** Milliseconds after the call at which the caller aborts. Undefined: the caller waits for the end */
  aborts?: number
}

export const call = (addresses: number): fc.Arbitrary<Call> => fc.record({
  at: fc.nat(9_000),
  peer: fc.nat(2),
  shape: fc.nat(1),
  addresses: fc.uniqueArray(fc.nat(addresses - 1), { minLength: 1, maxLength: addresses }),
  force: fc.boolean(),
  aborts: fc.option(fc.nat(20_000), { nil: undefined })
})

export interface Called extends Call {
  signal: AbortSignal
  result?: PromiseSettledResult<Connection>
}

export interface Scene {
  clock: VirtualClock
  network: ScriptedNetwork
  engine: DialEngine
  calls: Called[]
  ended: ObservedDial[]
  /** The connections that dials have yielded */
  given: Set<Connection>
  /** The maximum number of attempts in flight at the same time: of the node, and to one peer */
  most: { node: number, peer: number }
}

export function scene (behaviours: readonly Behaviour[], init: SlotsInit, { store, routing, gater, denied }: Services = PROMPT): Scene {
  const settings = { resolvers: {}, addressDialTimeout: 6_000, maxPeerAddrsToDial: 25, dialTimeout: FOR_EVER, maxParallelDials: 100, maxDialQueueLength: 500 }
  const { clock, network, components } = world(Object.fromEntries([...behaviours.entries(), [RELAY - 1, { connects: 50 }] as const].map(([i, { connects, firstResponse, refuses }]: readonly [number, Partial<Behaviour>]) => [
    i + 1,
    connects != null ? { connects, firstResponse } : refuses != null ? { refuses, error: new Error('refused') } : 'silent'
  ])), { settings, stored: [1, 2, 3].map(n => ({ multiaddr: address(n), isCertified: n === 2 })), routed: async () => sleep(routing, clock, never).then(() => [1, 5, 9].map(n => address(n))) })
  const { peerStore, transportManager } = components
  const { get } = peerStore
  const { dial } = transportManager
  peerStore.get = async (...args) => sleep(store, clock, never).then(async () => get(...args))
  components.connectionGater.denyDialMultiaddr = async multiaddr => sleep(gater, clock, never).then(() => denied.includes(numberOf(multiaddr) - 1))
  const inFlight = { node: 0, peer: new Map<string, number>() }
  const most = { node: 0, peer: 0 }
  const ended: ObservedDial[] = []
  const given = new Set<Connection>()
  const observer = { dialEnded: (dial: ObservedDial) => { ended.push(dial) } }

  transportManager.dial = async (multiaddr, options) => {
    const peer = multiaddr.toString().split('/').at(-1) ?? ''
    const { isDeaf, isClosed, isRelayed } = behaviours[numberOf(multiaddr) - 1] ?? {}
    const toPeer = (by: number): number => {
      inFlight.peer.set(peer, (inFlight.peer.get(peer) ?? 0) + by)
      return inFlight.peer.get(peer) ?? 0
    }

    // the slots of a nested attempt are charged to its parent
    if (numberOf(multiaddr) === RELAY) {
      return dial(multiaddr, options)
    }

    most.node = Math.max(most.node, ++inFlight.node)
    most.peer = Math.max(most.peer, toPeer(1))
    let counts = true
    const leave = (): void => {
      inFlight.node -= counts ? 1 : 0
      toPeer(counts ? -1 : 0)
      counts = false
    }

    if (isDeaf === true) {
      // the engine frees the slot of an aborted attempt after ten seconds
      options?.signal?.addEventListener('abort', () => { clock.setTimeout(leave, 10_000) }, { once: true })
    }

    try {
      if (isRelayed === true) {
        await engine.dial(address(RELAY, PEERS[2]), options as DialPipelineOptions)
      }

      const connection = await dial(multiaddr, isDeaf === true ? { ...options, signal: undefined } : options)

      if (isClosed === true) {
        connection.abort(new Error('Closed'))
      }

      return connection
    } finally {
      leave()
    }
  }

  const convergence = { ...BY_REACH, accepted: (connection: Connection) => { given.add(connection) } }
  const engine = new DialEngine({ ...components, convergence }, settings, PROBE, { slots: init, observer: () => observer })

  return { clock, network, calls: [], ended, given, most, engine }
}

export function begin ({ clock, engine, calls }: Scene, call: Call, shapes: readonly Shape[]): void {
  const controller = new AbortController()
  const called: Called = { ...call, signal: controller.signal }
  calls.push(called)

  clock.setTimeout(() => {
    const { signal } = controller
    const peer = PEERS[call.peer]
    const options = { signal, force: call.force, pipeline: shapes[call.shape]?.whole }
    engine.dial(call.peer === 2 ? address(RELAY, peer) : call.addresses.map(n => address(n + 1, peer)), options).then(
      value => { called.result = { status: 'fulfilled', value } },
      reason => { called.result = { status: 'rejected', reason } }
    )
  }, call.at)

  if (call.aborts != null) {
    clock.setTimeout(() => { controller.abort(new Error('Left')) }, call.at + call.aborts)
  }
}

/** Checks that every dial has ended, and that nothing is left of them */
export async function checkOver (t: ExecutionContext, { clock, network, engine, calls, ended, given, most }: Scene, shapes: readonly Shape[], { node = 160, peer = 8, transport = {} }: SlotsInit): Promise<void> {
  t.is(clock.pending, 0, 'no timer is set')
  t.is(engine.dials.pending.size + engine.dials.running.size, 0, 'every dial has ended')
  t.is(engine.attempts.size, 0, 'no attempt goes on')
  t.is(runs.open, 0, 'no run of a stage is left')
  t.true(calls.every(({ result }) => result != null), 'everybody was told')
  t.true(calls.every(({ signal }) => getEventListeners(signal, 'abort').length === 0), 'nobody listens')

  const all = Math.min(node, transport['scripted'] ?? Infinity)
  t.true(most.node <= all && most.peer <= peer, 'never more attempts in flight than slots')

  for (const { pipeline, run } of ended) {
    const repeats = shapes.find(({ whole }) => whole === pipeline)?.repeats

    for (const { attempts } of run?.story.addresses.values() ?? []) {
      t.true(attempts.every(({ endedAt, result }) => endedAt != null && result != null), 'every attempt has ended')
      const had = attempts.filter(({ result }) => result !== 'cancelled')
      // a failed address may be dialled again a second later, while a source is still searching
      const isSpaced = had.every(({ requestedAt }, i) => i === 0 || requestedAt - (had[i - 1]?.endedAt ?? Infinity) >= 1_000)
      t.true(repeats === true || isSpaced, 'no address is dialled twice in a dial within a second')
    }
  }

  t.true(network.open.every(connection => given.has(connection)), 'what is open was given to somebody')

  // checks that every slot is free again
  engine.components.connectionGater.denyDialMultiaddr = undefined
  const before = network.attempts.length
  // all attempts of a dial but the first are speculative
  const free = Math.min(peer, all, 1 + Math.max(1, Math.floor(node * 3 / 8)))
  const signal = new AbortController()
  const probe = engine.dial(Array.from({ length: 10 }, (_, i) => address(200 + i, PEERS[0])), { signal: signal.signal, force: true, pipeline: PROBE })
  probe.catch(() => {})
  await clock.advance(200)
  t.is(network.attempts.length - before, Math.min(10, free), 'every slot is free again')
  signal.abort()
  await settled()
}
