import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { pace, pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { Participant } from '../../../src/dialer/attempts/participants.ts'
import type { AttemptLayer, AttemptOptions, DialPipeline } from '../../../src/pipeline/types.ts'
import type { PeerId, Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const quick = pace('quick', race => race.lastStart + 10)
const plain = pipeline(fromCaller(), quick, race())
const patient = (): { signal: AbortSignal } => ({ signal: new AbortController().signal })

/** The same pipeline with a layer that replaces listeners of the attempt */
function hearing (listeners: (options: AttemptOptions) => Partial<AttemptOptions>): DialPipeline {
  const layer: AttemptLayer = next => async (candidate, options) => next(candidate, { ...options, ...listeners(options) })

  return pipeline(fromCaller(), quick, race({ attempt: [layer] }))
}

function faulty (): never {
  throw new Error('a fault of the layer')
}

for (const listener of ['onStart', 'onFirstResponse', 'onMark'] as const) {
  test(`a layer whose ${listener} throws does not affect other dials that share the attempt`, async t => {
    const peer = await newPeer()
    const { engine, clock, network } = engineWorld(plain, { 1: { connects: 100, firstResponse: 20 } })
    const faults = engine.dial(address(1, peer), { ...patient(), pipeline: hearing(() => ({ [listener]: faulty })) })
    const other = engine.dial(address(1, peer), patient())
    const connections = await clock.until(Promise.all([faults, other]))

    t.is(network.attempts.length, 1)
    t.is(connections[0], connections[1])
  })
}

test('a layer whose onHeld throws does not keep the attempt from waiting for its slot', async t => {
  const at = (n: number, peer: PeerId): Multiaddr => multiaddr(`/ip4/8.8.8.${n}/tcp/4001/p2p/${peer}`)
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(plain, {}, { slots: { prefix: 1 } })
  network.script(at(2, peer).toString(), { connects: 10 })
  const holder = new AbortController()
  engine.dial(at(1, await newPeer()), { signal: holder.signal, source: 'dht' }).catch(() => {})
  await clock.advance(10)
  const faults = engine.dial(at(2, peer), { ...patient(), source: 'dht', pipeline: hearing(() => ({ onHeld: faulty })) })
  await clock.advance(10)
  const other = engine.dial(at(2, peer), { ...patient(), source: 'dht' })
  holder.abort()
  const connections = await clock.until(Promise.all([faults, other]))

  t.is(connections[0], connections[1])
  t.is(engine.attempts.size, 0)
})

test('an address that a listener bans when its attempt starts is not dialled', async t => {
  let reason: string | undefined
  const { engine, clock, network } = engineWorld(plain, { 1: { connects: 10 } }, { bans: { reasonFor: () => reason } })
  const banning = hearing(({ onStart }) => ({
    onStart: at => {
      onStart(at)
      reason = 'banned'
      engine.attempts.sever()
    }
  }))
  await t.throwsAsync(clock.until(engine.dial(address(1, await newPeer()), { ...patient(), pipeline: banning })), { message: /banned/ })

  t.deepEqual(network.dialled, [])
  t.is(clock.pending, 0)
})

test('a dial that leaves an attempt in onStart leaves it for good', async t => {
  const { engine, clock, network } = engineWorld(plain, {}, { connectionGater: { denyDialMultiaddr: async () => false } })
  const leaving: AttemptLayer = next => async (candidate, options) => {
    const own = new AbortController()

    return next(candidate, { ...options, signal: own.signal, onStart: () => { own.abort(new Error('left')) } })
  }
  await t.throwsAsync(clock.until(engine.dial(address(1, await newPeer()), { ...patient(), pipeline: pipeline(fromCaller(), race({ attempt: [leaving] })) })), { message: /left/ })
  await clock.advance(0)

  t.is(engine.attempts.size, 0)
  t.true(network.attempts.every(({ signal }) => signal.aborted))
})

test('a dial that makes a waiting attempt start by joining it hears onStart once', async t => {
  const { engine, clock } = engineWorld(plain, { 3: { connects: 500, firstResponse: 100 } }, { slots: { node: 4 } })
  const heard: string[] = []
  const noting = hearing(({ onStart }) => ({
    onStart: at => {
      heard.push('start')
      onStart(at)
    },
    onFirstResponse: () => { heard.push('first response') }
  }))
  const peer = await newPeer()
  // the third attempt waits for a slot for speculative attempts
  engine.dial([1, 2, 3].map(n => address(n, peer)), patient()).catch(() => {})
  await clock.advance(50)
  await clock.until(engine.dial(address(3, peer), { ...patient(), pipeline: noting }))

  t.deepEqual(heard, ['start', 'first response'])
  engine.stop()
})

test('a dial whose joining starts an attempt to a banned address hears its failure', async t => {
  const at = (n: number, peer: PeerId): Multiaddr => multiaddr(`/ip4/8.8.8.${n}/tcp/4001/p2p/${peer}`)
  let reason: string | undefined
  const { engine, clock, components } = engineWorld(plain, {}, { slots: { prefix: 1 }, bans: { reasonFor: () => reason } })
  const { dial } = components.transportManager
  components.transportManager.dial = async (one, options) => {
    if (one.toString().includes('/8.8.8.2/')) {
      reason = 'banned'
      engine.attempts.sever()
    }

    // a transport that ignores its signal
    return dial(one, { ...options, signal: undefined })
  }
  const peer = await newPeer()
  engine.dial(at(1, await newPeer()), { ...patient(), source: 'dht' }).catch(() => {})
  await clock.advance(10)
  const waiting = engine.dial(at(2, peer), { ...patient(), source: 'dht' })
  await clock.advance(10)
  const trusting = engine.dial(at(2, peer), { ...patient(), pipeline: pipeline(fromCaller(), quick, race({ attempt: [] })) })
  const results = await clock.until(Promise.allSettled([waiting, trusting]))

  t.deepEqual(results.map(({ status }) => status), ['rejected', 'rejected'])
  t.is(clock.now(), 20)
})

test('an attempt that all dials have left is not dialled when a slot frees meanwhile', t => {
  const WS = '@libp2p/websockets'
  const { engine: { attempts }, network, components } = engineWorld(plain, {}, { slots: { node: 5, transport: { [WS]: 1 } } })
  components.transportManager.dialTransportForMultiaddr = one => ({ [Symbol.toStringTag]: String(one).includes('/ws') ? WS : 'tcp' }) as unknown as Transport
  const ignore = (): void => {}
  const join = (n: number, dial: object, { isWs = false, onStart = ignore } = {}): (reason: Error) => void => {
    const participant = {
      dial, policy: {}, transportOptions: {}, hasLeftPlace: false, onStart, onConnected: ignore, onFailed: ignore,
      listener: { onHeld: ignore, onFirstResponse: ignore, onMark: ignore }
    } as unknown as Participant
    const attempt = attempts.join(candidate(isWs ? address(n).encapsulate('/ws') : address(n)), participant)

    return reason => { attempt.leave(participant, reason) }
  }
  const [one, two, three] = ['one', 'two', 'three'].map(id => ({ id, attempts: new Set(), isDemoted: false, priority: 50, lineage: { depth: 0 }, progress: ignore })) as [object, object, object]

  // the slot of WebSockets and that for speculative attempts are taken
  const leaveHolder = join(1, one, { isWs: true })
  join(2, two)
  join(3, two)
  const leave = join(4, three, { isWs: true })
  // the attempt waits while another of the same dial is in flight
  join(5, three, { onStart: () => { leaveHolder(new Error('left')) } })
  leave(new Error('left'))

  t.deepEqual(network.dialled, [1, 2, 3, 5].map(n => `${address(n)}${n === 1 ? '/ws' : ''}`))
})
