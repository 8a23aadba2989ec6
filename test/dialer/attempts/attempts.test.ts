import test from 'ava'
import { fallback, filter, pace, pipeline, retry, stage, timeout } from '../../../src/pipeline/index.ts'
import { attemptRetry, attemptTimeout } from '../../../src/stages/attempt-layers.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { gater } from '../../../src/stages/gater.ts'
import { race } from '../../../src/stages/race.ts'
import { verify } from '../../../src/stages/verify.ts'
import { sleep } from '../../../src/pipeline/clock.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { DialPipelineOptions } from '../../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

const plain = pipeline(fromCaller(), pace('quick', race => race.lastStart + 10), race())

test('the loser of a race is aborted, and closed if it connects anyway', async t => {
  const peer = await newPeer()
  const { engine, clock, network, components } = engineWorld(plain, { 2: { connects: 50 } })
  const { dial } = components.transportManager
  // a transport that ignores its signal and connects much later
  components.transportManager.dial = async (multiaddr, options) => {
    if (multiaddr.toString().includes('192.0.2.1/')) {
      network.script(multiaddr.toString(), { connects: 500 })
      return dial(multiaddr, { ...options, signal: new AbortController().signal })
    }

    return dial(multiaddr, options)
  }
  const winner = await clock.until(engine.dial([address(1, peer), address(2, peer)]))
  t.is(winner.remoteAddr.toString(), address(2, peer).toString())
  t.is(clock.now(), 60)

  await clock.advance(1_000)
  t.deepEqual(network.open, [winner])
  t.is(clock.pending, 0)
})

test('the signal of the attempt that won is never aborted, even when its caller aborts later', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(plain, { 1: { connects: 50 } })
  const controller = new AbortController()
  await clock.until(engine.dial(address(1, peer), { signal: controller.signal }))
  controller.abort()
  engine.stop()
  await clock.advance(10_000)

  t.false(network.attempts[0]?.signal.aborted)
  t.is(network.open.length, 1)
})

test('an attempt that exceeds attemptTimeout() fails with a TimeoutError that names its address', async t => {
  const peer = await newPeer()
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race({ attempt: [attemptTimeout(300)] })))

  await t.throwsAsync(clock.until(engine.dial(address(1, peer))), { name: 'TimeoutError', message: /192\.0\.2\.1.* after 300 ms/ })
  t.is(clock.now(), 300)
  t.is(clock.pending, 0)
})

test('attemptRetry() repeats a failed attempt', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), race({ attempt: [attemptRetry(2, { delay: 100 }), attemptTimeout(6_000)] })), { 1: { refuses: 10 } })

  await t.throwsAsync(clock.until(engine.dial(address(1, peer))), { message: /ECONNREFUSED/ })
  t.deepEqual(network.attempts.map(({ at }) => at), [0, 110, 320])
})

test('attemptRetry() and retry() do not repeat a DialDeniedError', async t => {
  const peer = await newPeer()
  const denied = Object.assign(new Error('no'), { name: 'DialDeniedError' })
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), retry(pipeline(race({ attempt: [attemptRetry(2)] })))), { 1: { refuses: 10, error: denied } })

  await t.throwsAsync(clock.until(engine.dial(address(1, peer))), { is: denied })
  t.is(network.attempts.length, 1)
})

test('a connection that is already closed when it arrives counts as failed, and the next address is dialled', async t => {
  const peer = await newPeer()
  const { engine, clock, components } = engineWorld(plain, { 1: { connects: 10 }, 2: { connects: 50 } })
  const { dial } = components.transportManager
  components.transportManager.dial = async (multiaddr, options) => {
    const connection = await dial(multiaddr, options)

    if (multiaddr.toString().includes('192.0.2.1/')) {
      connection.abort(new Error('gone'))
    }

    return connection
  }
  const connection = await clock.until(engine.dial([address(1, peer), address(2, peer)]))

  t.is(connection.remoteAddr.toString(), address(2, peer).toString())
})

test('the gater is asked without a gater stage too, and once for each address with one', async t => {
  const peer = await newPeer()
  const asked: string[] = []
  const connectionGater = { denyDialMultiaddr: async (multiaddr: object) => { asked.push(String(multiaddr)); return true } }
  const { engine, clock, network } = engineWorld(plain, { 1: { connects: 10 } }, { connectionGater })

  await t.throwsAsync(clock.until(engine.dial(address(1, peer))), { name: 'DialDeniedError' })
  t.deepEqual(asked, [address(1, peer).toString()])
  t.is(network.attempts.length, 0)

  await t.throwsAsync(clock.until(engine.dial(address(1, peer), { pipeline: plain.before('quick', gater()) })), { name: 'DialDeniedError', message: /denied all addresses/ })
  t.is(asked.length, 2)
})

test('addresses that the gater denies fail the dial with one DialDeniedError, without a gater stage', async t => {
  const peer = await newPeer()
  const { engine, clock } = engineWorld(plain, {}, { connectionGater: { denyDialMultiaddr: () => true } })

  await t.throwsAsync(clock.until(engine.dial([1, 2, 3].map(n => address(n, peer)))), { name: 'DialDeniedError', message: /denied all addresses/ })
})

test('a nested dial by the transport takes no slot and does not wait', async t => {
  const [relay, peer] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock, components, network } = engineWorld(plain, { 1: { connects: 10 }, 2: { connects: 10 } }, { settings: { maxParallelDials: 1 }, slots: { node: 1 } })
  const { dial } = components.transportManager
  components.transportManager.dial = async (multiaddr, options) => {
    if (multiaddr.toString().includes('192.0.2.2/')) {
      await engine.dial(address(1, relay), options as DialPipelineOptions)
    }

    return dial(multiaddr, options)
  }

  await clock.until(engine.dial(address(2, peer), { initiator: false, pipeline: plain }))
  t.deepEqual(network.dialled, [address(1), address(2)].map(String))
})

test('a queued dial starts immediately when another dial needs its peer as relay', async t => {
  const [relay, peer] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock, components, network } = engineWorld(plain, { 1: { connects: 10 }, 2: { connects: 10 } }, { settings: { maxParallelDials: 1 } })
  const { dial } = components.transportManager
  components.transportManager.dial = async (multiaddr, options) => {
    if (multiaddr.toString().includes('192.0.2.2/')) {
      await sleep(10, clock, new AbortController().signal)
      await engine.dial(address(1, relay), options as DialPipelineOptions)
    }

    return dial(multiaddr, options)
  }
  const first = engine.dial(address(2, peer))
  const waits = engine.dial(address(1, relay))
  await clock.until(Promise.all([first, waits]))

  t.deepEqual(network.dialled, [address(1), address(2)].map(String))
})

for (const lead of [0, 5]) {
  test(`as many dials through a relay as there are slots connect, when the relay's own dial began ${lead} ms before`, async t => {
    const relay = await newPeer()
    const peers = await Promise.all(Array.from({ length: 3 }, newPeer))
    const { engine, clock, components } = engineWorld(plain, { 1: { connects: 10 }, 2: { connects: 10 }, 3: { connects: 10 }, 4: { connects: 10 } }, { slots: { node: 3 } })
    const { dial } = components.transportManager
    components.transportManager.dial = async (multiaddr, options) => {
      if (!multiaddr.toString().includes('192.0.2.1/')) {
        await sleep(10, clock, new AbortController().signal)
        await engine.dial(address(1, relay), options as DialPipelineOptions)
      }

      return dial(multiaddr, options)
    }

    const dials = peers.map(async (peer, i) => engine.dial(address(i + 2, peer)))
    await clock.advance(lead)
    // this attempt waits for one of the slots that the others hold
    dials.push(engine.dial(address(1, relay)))
    const connections = await clock.until(Promise.all(dials))

    t.is(connections.length, 4)
    t.is(clock.now(), 30)
  })
}

test('a stage that throws ends the dial and its attempts', async t => {
  const peer = await newPeer()
  const broken = stage('broken', () => ({ candidates }) => {
    if (candidates.length > 1) {
      throw new Error('bug')
    }

    return candidates
  })
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), broken, race()))
  const dial = engine.dial(address(1, peer))
  const failed = t.throwsAsync(dial, { message: 'bug (thrown by broken)' })
  await clock.advance(150)
  const joined = t.throwsAsync(engine.dial(address(2, peer)), { message: 'bug (thrown by broken)' })
  await clock.advance(150)
  await Promise.all([failed, joined])
  await settled()

  t.true(network.attempts[0]?.signal.aborted)
  t.is(clock.pending, 0)
})

test('a connection that a transport returns for two attempts stays open while one of them uses it', async t => {
  const peer = await newPeer()
  const { engine, clock, network, components } = engineWorld(plain, { 1: { connects: 50 } })
  const { dial } = components.transportManager
  let session: Promise<Connection> | undefined
  components.transportManager.dial = async (multiaddr, options) => {
    session ??= dial(address(1, peer), { ...options, signal: new AbortController().signal })
    const connection = await session
    await sleep(multiaddr.toString().includes('192.0.2.1/') ? 10 : 100, clock, new AbortController().signal)

    return connection
  }
  const connection = await clock.until(engine.dial([address(1, peer), address(2, peer)]))
  await clock.advance(20_000)
  t.deepEqual([connection.status, network.open], ['open', [connection]])

  const again = await clock.until(engine.dial([address(1, peer), address(2, peer)], { force: true }))
  await clock.advance(20_000)
  t.deepEqual([again, network.open], [connection, [connection]])
})

for (const [next, whole, story] of [
  ['has a filter of its own', pipeline(filter('any', () => true), race()), ['failed @300']],
  ['checks its connections', pipeline(race(), verify(() => true)), ['cancelled @100', 'failed @300']]
] as const) {
  test(`an attempt in flight when an alternative ends is dialled once, and has one outcome, when the next ${next}`, async t => {
    const peer = await newPeer()
    const { engine, clock, network } = engineWorld(pipeline(fromCaller(), fallback(timeout(100, race()), whole)), { 1: { refuses: 300 } })
    const failed = t.throwsAsync(engine.dial(address(1, peer)), { name: 'Error' })
    await clock.advance(50)
    const [dial] = [...engine.dials.running]
    await clock.advance(1_000)
    await failed

    t.is(network.attempts.length, 1)
    t.deepEqual([...dial?.run?.story.addresses.values() ?? []].flatMap(({ attempts }) => attempts.map(({ result, endedAt }) => `${result} @${endedAt}`)), [...story])
  })
}
