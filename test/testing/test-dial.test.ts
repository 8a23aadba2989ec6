import test from 'ava'
import { pipeline, pipelineOf } from '../../src/pipeline/pipeline.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { source, stage, timeout } from '../../src/stages/index.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { testDial } from '../../src/testing/test-dial.ts'
import { address } from '../helpers/address.ts'
import { world } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import type { Connection } from '@libp2p/interface'

test('testDial() runs a pipeline for a target on a scripted network', async t => {
  const peerId = await newPeer()
  const { clock, network, components } = world({ 1: 'silent', 2: { connects: 40 } })
  const { run, story, target, end } = testDial({ components, peerId, multiaddrs: [address(1)] })
  const connections = run(pipeline(fromCaller(), stagger(250), race()))
  const first = connections.next()
  await clock.advance(100)
  target.add([address(2)])
  const { value } = await clock.until(first)

  t.is(clock.now(), 290)
  t.is(value.remoteAddr.toString(), address(2, peerId).toString())
  t.deepEqual([...story.addresses.keys()], [address(1, peerId), address(2, peerId)].map(String))
  end()
  await clock.advance(0)
  t.is(clock.pending, 0)
  t.deepEqual(network.open, [value])
})

test('lists() of testDial() makes the list each time it is asked', t => {
  const { components } = world()
  const { lists, dial, target, end } = testDial({ components, multiaddrs: [address(1)] })
  const late = source('late', () => [address(2)], { when: 'exhausted' })
  const make = lists(fromCaller(), late)
  const ids = (last?: boolean): string[] => make(last).candidates.map(({ id }) => id)

  t.deepEqual(ids(), [address(1).toString()])
  t.is(make(), make())
  t.deepEqual(ids(true), [1, 2].map(n => address(n).toString()))
  t.is(dial.target, target.current)
  end()
})

test('a connection discarded in testDial() is closed and listed', async t => {
  const { clock, components } = world({ 1: { connects: 0 } })
  const { run, discarded, end } = testDial({ components, multiaddrs: [address(1)] })
  const refuse = stage({
    name: 'refuse',
    accepts: ['connections'],
    yields: 'connections',
    run: async function * (connections, dial) {
      for await (const one of connections) {
        dial.discard(one)
        yield * []
      }
    }
  })
  await clock.until(run(pipeline(fromCaller(), race(), refuse)).next())
  const [connection] = discarded as [Connection]
  t.is(discarded.length, 1)
  t.is(connection.status, 'closed')
  end()
})

test('end() of testDial() rejects a pending read', async t => {
  const { components } = world()
  const { run, end } = testDial({ components, multiaddrs: [address(1)] })
  const next = run(pipeline(fromCaller(), race())).next()
  end()
  await t.throwsAsync(next, { name: 'AbortError' })
})

test('run() of testDial() yields nothing when the dial fails', async t => {
  const { clock, components } = world({ 1: { refuses: 5 } })
  const { run, story, end } = testDial({ components, multiaddrs: [address(1)] })

  t.deepEqual(await clock.until(run(pipeline(fromCaller(), race())).next()), { done: true, value: undefined })
  t.is(story.addresses.get(address(1).toString())?.attempts[0]?.result, 'failed')
  end()
})

test('the story of testDial() says what a timeout() waited for', async t => {
  const { clock, components } = world()
  const { run, story } = testDial({ components, multiaddrs: [address(1)] })
  const hangs = source('registry', async () => new Promise<never>(() => {}))

  t.deepEqual(await clock.until(run(timeout(500, pipeline(fromCaller(), hangs, race()))).next()), { done: true, value: undefined })
  t.deepEqual(story.timeouts.map(({ message }) => message), ['No connection after 500 ms: still waiting for registry'])
})

test('run() of testDial() says what to write for a pipeline without a race, and for one without a source', t => {
  const { components } = world()
  const { run, end } = testDial({ components, multiaddrs: [address(1)] })
  t.throws(() => run(pipelineOf([fromCaller()])), { name: 'InvalidPipelineError', message: 'The pipeline cannot dial: it ends with candidates: put race() below' })
  t.throws(() => run(pipelineOf([race()])), { name: 'InvalidPipelineError', message: 'The pipeline cannot dial: it begins with "race", which needs candidates: put a source such as fromCaller() above' })
  // `any`: JavaScript callers
  t.throws(() => run([fromCaller(), race()] as any), { name: 'InvalidPipelineError', message: 'run() needs a pipeline, not an array of 2: write pipeline(...stages), or pipelineOf(stages)' })
  end()
})

test('lists() of testDial() refuses a stage that yields connections', t => {
  const { components } = world()
  const { lists, end } = testDial({ components, multiaddrs: [address(1)] })
  // `any`: JavaScript callers
  t.throws(() => lists(fromCaller(), race() as any), { name: 'InvalidPipelineError', message: 'lists() needs a stage that yields candidates, not the stage "race", which yields connections' })
  // `any`: as above
  t.throws(() => lists(fromCaller as any), { name: 'InvalidPipelineError', message: 'lists() needs a stage that yields candidates, not a factory: call it as fromCaller()' })
  end()
})
