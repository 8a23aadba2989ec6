import test from 'ava'
import { expand, pace, pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { Script } from '../../../src/testing/scripted-network.ts'
import type { DialPipelineOptions } from '../../../src/pipeline/types.ts'

const plain = pipeline(fromCaller(), pace('eager', ({ lastStart }) => lastStart + 10), race())
const patient = (): DialPipelineOptions => ({ signal: new AbortController().signal })

interface Ended {
  readonly at: number
  readonly error?: Error
}

/** Returns the end of a dial, with its error */
async function ended ({ engine, clock }: EngineWorld, n: number, options?: DialPipelineOptions, peer = newPeer()): Promise<Ended> {
  return engine.dial(address(n, await peer), options).then(() => ({ at: clock.now() }), (error: Error) => ({ at: clock.now(), error }))
}

/** A node whose only slot is held for `ms` by an attempt with a first response, which gives way to none */
function busyFor (ms: number, scripts: Record<number, Script> = {}): EngineWorld {
  const world = engineWorld(plain, { 1: { connects: ms, firstResponse: 5 }, ...scripts }, { slots: { node: 1 }, settings: { addressDialTimeout: 10 * ms } })
  void ended(world, 1, patient())

  return world
}

test('dialTimeout starts when the dial gets its first slot', async t => {
  const world = busyFor(15_000, { 2: { connects: 9_000, firstResponse: 5 } })
  t.deepEqual(await world.clock.until(ended(world, 2)), { at: 24_000 })
})

test('a later slot does not restart dialTimeout', async t => {
  const world = busyFor(15_000)
  const { at, error } = await world.clock.until(ended(world, 2))
  t.is(at, 25_000)
  t.is(error?.name, 'TimeoutError')
  t.is(world.clock.pending, 0)
})

test('a dial that never gets a slot rejects after six times dialTimeout, and says so', async t => {
  const world = busyFor(100_000)
  const { at, error } = await world.clock.until(ended(world, 2))
  t.is(at, 60_000)
  t.is(error?.name, 'TimeoutError')
  t.is(error?.message, 'The operation was aborted due to timeout: still waiting for a slot; 1 without a slot (/ip4/192.0.2.2/tcp/4001)')
})

test('a dial rejects after six times dialTimeout, even if it just got a slot', async t => {
  const world = busyFor(55_000, { 2: { connects: 9_000, firstResponse: 5 } })
  t.is((await world.clock.until(ended(world, 2))).at, 60_000)
})

test('a caller\'s signal counts from the call, not from the slot', async t => {
  const world = busyFor(15_000)
  const leaving = new AbortController()
  world.clock.setTimeout(() => { leaving.abort(new Error('left')) }, 12_000)
  t.like(await world.clock.until(ended(world, 2, { signal: leaving.signal })), { at: 12_000, error: { message: 'left' } })
})

test('dialTimeout of a joining caller starts at the dial\'s slot, or when it joins if that is later', async t => {
  const world = busyFor(15_000)
  const peer = newPeer()
  const first = ended(world, 2, {}, peer)
  await world.clock.advance(11_000)
  const second = ended(world, 2, {}, peer)
  await world.clock.advance(6_000)
  const third = ended(world, 2, {}, peer)

  t.deepEqual((await world.clock.until(Promise.all([first, second, third]))).map(({ at }) => at), [25_000, 25_000, 27_000])
})

test('a stage that never settles ends the dial after dialTimeout', async t => {
  const slow = pipeline(fromCaller(), expand('slow', async () => new Promise<never>(() => {})), race())
  const world = engineWorld(slow)
  const { at, error } = await world.clock.until(ended(world, 2))
  t.is(at, 10_000)
  t.is(error?.message, 'The operation was aborted due to timeout: still waiting for slow; 1 not tried (/ip4/192.0.2.2/tcp/4001)')
})

test('addressDialTimeout starts when the attempt gets its slot', async t => {
  const world = engineWorld(plain, { 1: { connects: 4_000, firstResponse: 5 } }, { slots: { node: 1 } })
  void ended(world, 1, patient())
  const { at, error } = await world.clock.until(ended(world, 2, patient()))
  t.is(at, 10_000)
  t.regex(String(error?.message), /^No connection to \/ip4\/192\.0\.2\.2\/.* after 6000 ms$/)
})
