import test from 'ava'
import { closeGently } from '../../../src/dialer/attempts/close-connections.ts'
import { pace, pipeline } from '../../../src/pipeline/index.ts'
import { converge } from '../../../src/stages/converge.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { verify } from '../../../src/stages/verify.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { AttemptLayer } from '../../../src/pipeline/types.ts'

const nothing = verify(async () => { throw new Error('not this one') })
const quick = pace('quick', race => race.lastStart + 10)

test('a connection that a layer received twice is closed when the dial discards it', async t => {
  const hedging: AttemptLayer = next => async (candidate, options) => Promise.race([next(candidate, options), next(candidate, options)])
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), race({ attempt: [hedging] }), nothing), { 1: { connects: 10 } })
  await t.throwsAsync(clock.until(engine.dial(address(1, await newPeer()))), { name: 'VerificationError' })
  await clock.advance(100)

  t.is(network.attempts.length, 1)
  t.deepEqual(network.open, [])
})

test('a connection returned for two addresses of a dial is closed when the dial discards it', async t => {
  const peer = await newPeer()
  const { engine, clock, network, components } = engineWorld(pipeline(fromCaller(), quick, race(), nothing), { 1: { connects: 50 } })
  const { dial } = components.transportManager
  let connection: ReturnType<typeof dial> | undefined
  components.transportManager.dial = async (_, options) => (connection ??= dial(address(1, peer), options))
  await t.throwsAsync(clock.until(engine.dial([address(1, peer), address(2, peer)])), { name: 'AggregateError' })
  await clock.advance(100)

  t.not(connection, undefined)
  t.deepEqual(network.open, [])
})

test('a connection returned for two addresses of a dial stays open when the dial resolves with it', async t => {
  const peer = await newPeer()
  const { engine, clock, network, components } = engineWorld(pipeline(fromCaller(), quick, race(), converge({ linger: 100 })), { 1: { connects: 50 } })
  const { dial } = components.transportManager
  let connection: ReturnType<typeof dial> | undefined
  components.transportManager.dial = async (_, options) => (connection ??= dial(address(1, peer), options))
  const given = await clock.until(engine.dial([address(1, peer), address(2, peer)]))
  await clock.advance(1_000)

  t.deepEqual(network.open, [given])
})

for (const [what, close] of Object.entries<unknown>({
  throws: () => { throw new Error('close failed') },
  rejects: async () => { throw new Error('close failed') },
  'never settles': async () => new Promise(() => {}),
  'is missing': undefined
})) {
  test(`closeGently() aborts a connection whose close() ${what}, even when abort() throws`, async t => {
    const clock = new VirtualClock(0)
    let aborted = 0
    const abort = (): void => {
      aborted++
      throw new Error('abort failed')
    }

    // `any`: a fake with only the members that the test needs
    await t.notThrowsAsync(clock.until(closeGently({ close, abort } as any, clock)))
    t.is(aborted, 1)
    t.is(clock.pending, 0)
  })
}
