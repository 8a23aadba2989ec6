import test from 'ava'
import { filter, pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { provenance } from '../../../src/stages/provenance.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { DialPipelineOptions } from '../../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

const loose = pipeline(fromCaller(), race())
const patient = (): { signal: AbortSignal } => ({ signal: new AbortController().signal })

/** A node with one running dial, and others that wait until it is aborted */
async function busy (): Promise<EngineWorld & { free (): void }> {
  const made = engineWorld(loose, { 2: { connects: 5 }, 3: { connects: 5 } }, { settings: { maxParallelDials: 1 } })
  const controller = new AbortController()
  made.engine.dial(address(1, await newPeer()), controller).catch(() => {})

  return { ...made, free: () => { controller.abort() } }
}

test('a queued dial runs through the pipeline that replaced its own', async t => {
  const { engine, clock, network, free } = await busy()
  const dial = engine.dial(address(2, await newPeer()), patient())
  engine.pipelines.current = pipeline(fromCaller(), filter('none', () => 'none is good enough'), race())
  free()

  await t.throwsAsync(clock.until(dial), { message: /dropped by none: none is good enough/ })
  t.false(network.attempts.some(({ multiaddr }) => multiaddr.includes('192.0.2.2')))
  t.is(engine.dials.pending.size, 0)
})

test('callers of a queued dial are separated when the new pipeline reads an option in which they differ', async t => {
  const { engine, clock, free } = await busy()
  const peer = await newPeer()
  const both = [address(2, peer), address(3, peer)]
  const dial = async (only: string): Promise<Connection> => engine.dial(both, { ...patient(), force: true, only } as DialPipelineOptions)
  const dials = Promise.all([dial('192.0.2.2'), dial('192.0.2.3'), dial('192.0.2.3')])
  t.is(engine.dials.pending.size, 2)
  engine.pipelines.current = pipeline(fromCaller(), filter('only', ({ id }, { options }) => id.includes(Reflect.get(options, 'only')), { options: ['only'] }), race())
  free()

  t.deepEqual((await clock.until(dials)).map(({ remoteAddr }) => remoteAddr.toString().split('/')[2]), ['192.0.2.2', '192.0.2.3', '192.0.2.3'])
})

test('a queued caller with an option that the new pipeline does not read rejects with UnsupportedDialOptionError', async t => {
  const { engine, clock, free } = await busy()
  engine.pipelines.current = pipeline(fromCaller(), provenance(), race())
  const dial = engine.dial(address(2, await newPeer()), { ...patient(), provenance: ['user'] })
  engine.pipelines.current = loose
  free()

  await t.throwsAsync(clock.until(dial), { name: 'UnsupportedDialOptionError' })
})

test('a dial with its own pipeline keeps it when the node\'s is replaced', async t => {
  const { engine, clock, free } = await busy()
  const dial = engine.dial(address(2, await newPeer()), { ...patient(), pipeline: loose })
  engine.pipelines.current = pipeline(fromCaller(), filter('none', () => false), race())
  free()

  t.is((await clock.until(dial)).status, 'open')
})

test('the dialer is not idle while callers move to other dials', async t => {
  const { engine, clock } = engineWorld(loose, { 2: { connects: 5 } })
  // no other work runs while the callers are moved
  engine.dials.schedule.pause()
  const dial = engine.dial(address(2, await newPeer()), patient())
  let isIdle = false
  void engine.dials.idle().then(() => { isIdle = true })
  engine.pipelines.current = pipeline(fromCaller(), filter('all', () => true), race())
  engine.dials.schedule.resume()
  await clock.advance(2)
  t.false(isIdle)
  await clock.until(dial)
  await clock.advance(0)
  t.true(isIdle)
})

test('the dialer is idle when the new pipeline has refused all callers', async t => {
  const { engine } = engineWorld(pipeline(fromCaller(), provenance(), race()))
  engine.dials.schedule.pause()
  const dial = engine.dial(address(2, await newPeer()), { ...patient(), provenance: ['user'] })
  const idle = engine.dials.idle()
  engine.pipelines.current = loose
  engine.dials.schedule.resume()

  await t.throwsAsync(dial, { name: 'UnsupportedDialOptionError' })
  await t.notThrowsAsync(idle)
})

test('callers that abort while others are moved are not dialled for', async t => {
  const { engine, clock, network, free } = await busy()
  const peer = await newPeer()
  const controllers = [new AbortController(), new AbortController()]
  const dials = controllers.map(async controller => t.throwsAsync(engine.dial(address(2, peer), controller), { name: 'AbortError' }))
  engine.dials.watcher = { added: () => { controllers.forEach(one => { one.abort() }) }, active: () => {}, settled: () => {} }
  engine.pipelines.current = pipeline(fromCaller(), filter('all', () => true), race())
  free()
  await clock.until(Promise.all(dials))
  await clock.advance(1_000)

  t.deepEqual(network.dialled.filter(one => one === address(2).toString()), [])
  t.deepEqual([engine.dials.pending.size, engine.dials.pendingRuns, engine.dials.running.size], [0, 0, 0])
})
