// a stage that violates its contract leaks no connection and no rejection
import test from 'ava'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { expand, pipeline, stage } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { watchUnhandled } from '../../helpers/unhandled.ts'
import { preferring } from '../../testing/try-out.ts'

test('an expansion that rejects after its dial has ended causes no unhandled rejection', async t => {
  const unhandled = watchUnhandled(t)
  const controller = new AbortController()
  const late = expand('late', async () => {
    controller.abort(new Error('changed my mind'))
    throw new Error('too late')
  })
  const { engine } = engineWorld(pipeline(fromCaller(), late, race()))

  await t.throwsAsync(engine.dial(address(1, await newPeer()), { signal: controller.signal }), { message: 'changed my mind' })
  await engine.dials.idle()
  t.deepEqual(await unhandled(), [])
})

test('a stage that yields a wrapped connection fails the dial, and the connection is closed', async t => {
  const wrap = stage({
    name: 'wrap',
    accepts: ['connections'],
    yields: 'connections',
    run: async function * (connections) {
      for await (const { remoteAddr } of connections) {
        // `any`: a fake with only the members that the test needs
        yield { remoteAddr, status: 'open', newStream: () => {} } as any
      }
    }
  })
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), race(), wrap), { 1: { connects: 10 } })

  await t.throwsAsync(clock.until(engine.dial(address(1, await newPeer()))), { name: 'InvalidStageOutputError', message: /passed on as they are/ })
  await settled()
  t.deepEqual(network.open, [])
})

test('a connection that a stage below the race does not yield is closed when the dial ends', async t => {
  const second = stage({
    name: 'second',
    accepts: ['connections'],
    yields: 'connections',
    run: async function * (connections, dial) {
      dial.linger()
      let count = 0

      for await (const connection of connections) {
        if (++count === 2) {
          yield connection
          return
        }
      }
    }
  })
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), race(), second), { 1: { connects: 400 }, 2: { connects: 50 } }, preferring(candidate(address(1, peer))).components())
  const connection = await clock.until(engine.dial([address(1, peer), address(2, peer)]))
  await engine.dials.idle()
  await settled()

  t.deepEqual(network.open, [connection])
})

test('an aborted dial ends its attempts and connections although a stage below the race ignores the abort', async t => {
  const deaf = stage({
    name: 'deaf',
    accepts: ['connections'],
    yields: 'connections',
    run: async function * (connections) {
      for await (const connection of connections) {
        await new Promise(() => {})
        yield connection
      }
    }
  })
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), race(), deaf), { 1: 'silent', 2: { connects: 50 } }, preferring(candidate(address(1, peer))).components())
  const controller = new AbortController()
  const dial = t.throwsAsync(engine.dial([address(1, peer), address(2, peer)], { signal: controller.signal }), { name: 'AbortError' })
  await clock.advance(500)
  t.is(network.open.length, 1)
  controller.abort()
  await dial
  await engine.dials.idle()
  await settled()

  t.true(network.attempts[0]?.signal.aborted)
  t.deepEqual(network.open, [])
})
