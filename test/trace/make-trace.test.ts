import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive } from '../../presets/index.ts'
import { fallback, filter, hold, pipeline, retry, source } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { renderTrace } from '../../src/trace/text.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { EVERYTHING } from './sample.ts'
import { faultsOf } from './schema.ts'
import type { PendingDial } from '../../src/dialer/dials/pending-dial.ts'
import type { DialTrace } from '../../src/index.ts'
import type { EngineWorld } from '../helpers/scripted.ts'

const running = ({ engine }: EngineWorld): DialTrace => [...engine.dials.running].at(-1)?.trace as DialTrace
const traceOf = (error: unknown): DialTrace => (error as { trace: DialTrace }).trace

test('a full trace is valid by the schema, and a wrong version or outcome is not', t => {
  t.deepEqual(faultsOf(EVERYTHING), [])
  t.deepEqual(faultsOf({ ...EVERYTHING, version: 2, outcome: 'lost' }).length, 2)
})

test('the trace describes a dial while it runs, right after its connection, and at its end', async t => {
  const world = engineWorld(pipeline('mine', fromCaller(), filter('odd', one => !one.id.includes('192.0.2.9') || 'nine'), stagger(100), race()), { 1: { refuses: 150 }, 2: { connects: 200 }, 3: { connects: 5_000 } })
  const { engine, clock } = world
  const peer = await newPeer()
  const dial = engine.dial([1, 2, 3, 9].map(n => address(n, peer)))
  await clock.advance(120)
  const first = running(world)

  t.like(first, { version: 1, outcome: 'running', madeAt: 120, target: { peer: String(peer) }, pipeline: { name: 'mine', stages: ['from-caller', 'odd', 'stagger', 'race'] }, awaited: [] })
  t.false('endedAt' in first || 'settledAt' in first)
  t.deepEqual(first.candidates.map(({ position, verdicts, attempts }) => [position, verdicts.map(({ verdict }) => verdict), attempts.map(({ outcome }) => outcome)]), [
    [0, [], ['in flight']],
    [1, [], ['in flight']],
    [2, [], []],
    [undefined, ['dropped'], []]
  ])
  t.deepEqual(first.sources, [{ stage: 'from-caller', askedAt: 0, endedAt: 0, addresses: 4 }])
  t.deepEqual(first.callers, [{ at: 0, addresses: [1, 2, 3, 9].map(n => String(address(n, peer))) }])

  let final: DialTrace | undefined
  const connection = await clock.until(dial.then(one => {
    final = running(world)

    return one
  }))

  t.like(final, { outcome: 'connected', settledAt: 300, endedAt: 300, connection: { address: String(connection.remoteAddr) } })
  t.deepEqual(final?.candidates.map(({ attempts }) => attempts.map(({ plannedAt, startedAt, endedAt, outcome, error }) => [plannedAt, startedAt, endedAt, outcome, error?.message.split(' ')[1]])), [
    [[0, 0, 150, 'failed', 'ECONNREFUSED']],
    [[100, 100, 300, 'connected', undefined]],
    [[200, 200, 300, 'cancelled', undefined]],
    []
  ])
  t.deepEqual(final?.callers.map(({ outcome, endedAt }) => [outcome, endedAt]), [['connected', 300]])

  for (const trace of [first, final]) {
    t.deepEqual(faultsOf(trace), [])
  }
})

test('a caller that aborts can read the trace in its catch: aborted, and what was awaited', async t => {
  const slow = source('tracker', async () => new Promise<never>(() => {}))
  const world = engineWorld(pipeline(fromCaller(), slow, race()))
  const controller = new AbortController()
  const reason = new Error('no time')
  world.clock.setTimeout(() => { controller.abort(reason) }, 1_000)
  let final: DialTrace | undefined
  await world.clock.until(world.engine.dial(address(1, await newPeer()), { signal: controller.signal }).catch(err => {
    t.is(err, reason)
    final = running(world)
  }))

  t.like(final, { outcome: 'aborted', endedAt: 1_000, settledAt: 1_000, awaited: ['tracker'], error: { name: 'Error', message: 'no time' } })
  t.deepEqual(final?.candidates.map(({ attempts }) => attempts.map(({ outcome, endedAt }) => [outcome, endedAt])), [[['cancelled', 1_000]]])
  t.deepEqual(final?.sources[1], { stage: 'tracker', askedAt: 0, addresses: 0, isAwaited: true })
  t.deepEqual(final?.callers.map(({ outcome }) => outcome), ['aborted'])
  t.false('trace' in reason)
  t.deepEqual(faultsOf(final), [])
})

test('the trace has the outcome of each caller', async t => {
  const world = engineWorld(pipeline(fromCaller(), race()), { 1: { connects: 500 } })
  const peer = await newPeer()
  const controller = new AbortController()
  const first = world.engine.dial(address(1, peer), { signal: controller.signal }).catch(() => {})
  await world.clock.advance(100)
  const second = world.engine.dial(address(1, peer))
  await world.clock.advance(100)
  controller.abort()
  let final: DialTrace | undefined
  await world.clock.until(Promise.all([first, second.then(() => { final = running(world) })]))

  t.deepEqual(final?.callers.map(({ at, endedAt, outcome }) => [at, endedAt, outcome]), [[0, 200, 'aborted'], [100, 500, 'connected']])
})

test('the time to the connection does not count callers that left before, however many they are', async t => {
  for (const count of [1, 100]) {
    const world = engineWorld(pipeline(fromCaller(), race()), { 1: { connects: 500 } })
    const peer = await newPeer()
    const controller = new AbortController()
    const left = Array.from({ length: count }, async () => world.engine.dial(address(1, peer), { signal: controller.signal }).catch(() => {}))
    const stayed = world.engine.dial(address(1, peer))
    await world.clock.advance(100)
    controller.abort()
    await settled()
    t.false('settledAt' in running(world))
    let final: DialTrace | undefined
    await world.clock.until(Promise.all([...left, stayed.then(() => { final = running(world) })]))

    t.is(final?.settledAt, 500)
    t.regex(renderTrace(final as DialTrace), /connected in 500 ms/)
  }
})

test('the trace of an error is not enumerable, is made when read, and survives structuredClone()', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race()), { 1: { refuses: 1 }, 2: { refuses: 1 } })
  const peer = await newPeer()

  for (const target of [[1, 2], [1], []].map(all => all.map(n => address(n, peer)))) {
    const error = await clock.until(engine.dial(target).catch((err: unknown) => err)) as Error
    t.false(Object.keys(error).includes('trace'))
    t.false(JSON.stringify(error).includes('trace'))
    t.is(structuredClone(error).message, error.message)
    t.is(traceOf(error).outcome, 'failed')
    t.deepEqual(faultsOf(traceOf(error)), [])
  }
})

test('a TimeoutError and a DialDeniedError have a trace too', async t => {
  const { engine, clock, components } = engineWorld(adaptive())
  const late = await clock.until(engine.dial(address(1, await newPeer())).catch((err: unknown) => err))
  t.is((late as Error).name, 'TimeoutError')
  t.is(traceOf(late).outcome, 'failed')
  components.connectionGater.denyDialMultiaddr = () => true
  const denied = await clock.until(engine.dial(address(1, await newPeer())).catch((err: unknown) => err))
  t.is((denied as Error).name, 'DialDeniedError')
  t.is(traceOf(denied).candidates[0]?.verdicts[0]?.verdict, 'dropped')
})

test('a trace stays bounded with hundreds of addresses and long foreign texts', async t => {
  const hostile = multiaddr(`/dns4/${'x'.repeat(200)}%1B%5B2J/tcp/1`)
  const chain = pipeline(fromCaller(), filter('picky', one => !one.id.includes('/tcp/99') || `\u001B[2J${'no '.repeat(10_000)}`), sequential(), race())
  const { engine, clock, network } = engineWorld(chain)
  const peer = await newPeer()
  const given = [hostile.encapsulate(`/p2p/${peer}`), ...Array.from({ length: 300 }, (_, i) => multiaddr(`/ip4/192.0.2.1/tcp/${i + 1}/p2p/${peer}`))]
  given.forEach(one => { network.script(one.decapsulate('/p2p').toString(), { refuses: 0, error: new Error(`\u001B[2J\n${'long '.repeat(10_000)}`) }) })
  const error = await clock.until(engine.dial(given, { signal: new AbortController().signal }).catch((err: unknown) => err)) as Error
  const trace = traceOf(error)
  const text = JSON.stringify(trace)

  t.is(trace.candidates.length, 256)
  t.deepEqual(trace.omitted, { candidates: 45, addresses: 45 })
  t.true(text.length < 500_000, `${text.length}`)
  t.true(error.message.length < 5_000, `${error.message.length}`)
  // eslint-disable-next-line no-control-regex
  t.notRegex(text + error.message, /[\u0000-\u001F]/)
  t.deepEqual(faultsOf(trace), [])
})

test('a trace includes the connected address after hundreds of failed ones', async t => {
  const given = Array.from({ length: 400 }, (_, i) => multiaddr(`/ip4/192.0.2.1/tcp/${i + 1}`))
  const { engine, clock, network } = engineWorld(pipeline(source('mine', () => given, { limit: 400 }), sequential(), race()))
  given.forEach((one, i) => { network.script(one.toString(), i < 350 ? { refuses: 0 } : { connects: 10 }) })
  const dial = engine.dial(await newPeer(), { signal: new AbortController().signal })
  const [{ traced }] = [...engine.dials.running] as [PendingDial]
  await clock.until(dial)
  const { candidates, omitted } = traced.trace

  t.deepEqual(candidates.filter(({ attempts }) => attempts[0]?.outcome === 'connected').map(({ position }) => position), [350])
  t.deepEqual(omitted, { candidates: 400 - 256 })
})

test('a trace includes an attempted address after hundreds of untried ones', async t => {
  const given = Array.from({ length: 400 }, (_, i) => multiaddr(`/ip4/192.0.2.1/tcp/${i + 1}`))
  const last = hold('last', () => ({ id }) => id.includes('/tcp/400/') ? 0 : Infinity)
  const { engine, clock } = engineWorld(pipeline(source('mine', () => given, { limit: 400 }), sequential(), last, race()))
  const dial = engine.dial(await newPeer(), { signal: new AbortController().signal }).catch(() => {})
  const [{ traced }] = [...engine.dials.running] as [PendingDial]
  await clock.advance(1_000)

  t.deepEqual(traced.trace.candidates.filter(({ attempts }) => attempts.length > 0).map(({ position }) => position), [399])
  engine.stop()
  await clock.until(dial)
})

test('a dial of thousands of addresses keeps 256 for its trace', async t => {
  const given = Array.from({ length: 4_096 }, (_, i) => multiaddr(`/ip4/192.0.2.1/tcp/${i + 1}`))
  const { engine, clock } = engineWorld(pipeline(fromCaller(), source('mine', () => given, { limit: 4_096 }), filter('slow', async () => new Promise<never>(() => {})), race()))
  const peer = await newPeer()
  const controller = new AbortController()
  const dial = engine.dial(given.map(one => one.encapsulate(`/p2p/${peer}`)), { signal: controller.signal }).catch(() => {})
  const [{ traced }] = [...engine.dials.running] as [PendingDial]
  await clock.advance(10)
  const before = traced.trace
  controller.abort(new Error('enough'))
  await clock.until(dial)
  await settled()
  const { record: { addresses, multiaddrs, held, callers }, trace } = traced

  t.deepEqual([trace.candidates, trace.target, trace.omitted], [before.candidates, before.target, before.omitted])
  t.deepEqual([addresses, multiaddrs, callers[0]?.multiaddrs, [...held ?? []]].map(all => all?.length), [256, 256, 32, 256])
  t.is(trace.candidates[0]?.verdicts[0]?.verdict, 'held')
})

test('a trace has the newest 16 attempts of an address', async t => {
  const { engine, clock } = engineWorld(retry(pipeline(fromCaller(), race()), { retries: 100, delay: 0 }), { 1: { refuses: 0 }, 2: { refuses: 0 } })
  const peer = await newPeer()
  const error = await clock.until(engine.dial([1, 2].map(n => address(n, peer)), { signal: new AbortController().signal }).catch((err: unknown) => err))

  t.deepEqual(traceOf(error).candidates.map(({ attempts }) => attempts.length), [16, 16])
  t.is(traceOf(error).omitted?.attempts, 2 * (64 - 16))
  t.true(traceOf(error).sources.length <= 64)
  t.deepEqual(faultsOf(traceOf(error)), [])
})

test('a trace names the stages of alternatives, and the position of an address in its last race', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), fallback(pipeline('strict', filter('none', () => 'no'), race()), race())), { 1: { refuses: 1 } })
  const error = await clock.until(engine.dial(address(1, await newPeer())).catch((err: unknown) => err))

  t.deepEqual(traceOf(error).pipeline.stages, ['from-caller', 'fallback', 'strict/none', 'strict/race', 'race'])
  t.is(traceOf(error).candidates[0]?.position, 0)
})
