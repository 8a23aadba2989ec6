import test from 'ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { candidate, pipeline } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { verify } from '../../src/stages/verify.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import type { CheckConnection } from '../../src/pipeline/connection-check.ts'
import type { Connection } from '@libp2p/interface'

const plain = pipeline(fromCaller(), race())
const verified = (check: CheckConnection): typeof plain => pipeline(fromCaller(), race(), verify(check))

const refusesAfter = (ms: number): CheckConnection => async (_connection, { signal }, { clock }) => {
  await sleep(ms, clock, signal)

  return 'of another fleet'
}

test('a dial without verify() that shares the attempt keeps the connection that the other refuses', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(plain, { 1: { connects: 50 } })
  const strict = engine.dial(address(1, peer), { pipeline: verified(refusesAfter(200)) })
  const loose = engine.dial(address(1, peer))
  strict.catch(() => {})
  const connection = await clock.until(loose)

  t.is(clock.now(), 50)
  await t.throwsAsync(clock.until(strict), { name: 'VerificationError', message: /of another fleet$/ })
  await clock.advance(5_000)
  t.is(network.attempts.length, 1)
  t.deepEqual(network.open, [connection])
  t.is(clock.pending, 0)
})

test('a shared connection that all dials refuse is closed after the last check', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(plain, { 1: { connects: 50 } })
  const dials = [100, 200].map(async ms => engine.dial(address(1, peer), { pipeline: verified(refusesAfter(ms)) }))
  dials.forEach(dial => { dial.catch(() => {}) })
  await clock.advance(200)
  t.is(network.open.length, 1)
  await clock.advance(50)

  await Promise.all(dials.map(async dial => t.throwsAsync(dial, { name: 'VerificationError' })))
  t.is(network.attempts.length, 1)
  t.deepEqual(network.open, [])
  t.is(clock.pending, 0)
})

test('the error of a dial says for each address why it failed or was refused', async t => {
  const peer = await newPeer()
  const { engine, clock } = engineWorld(verified(() => 'of another fleet'), { 1: { connects: 50 }, 2: { refuses: 50 } })
  const error = await t.throwsAsync<AggregateError>(clock.until(engine.dial([address(1, peer), address(2, peer)])))

  t.is(error?.name, 'AggregateError')
  t.deepEqual(error?.errors.map(({ message }) => message), [
    `verify refused ${address(1, peer).toString()}: of another fleet`,
    'connect ECONNREFUSED /ip4/192.0.2.2/tcp/4001'
  ])
})

test('a refused connection counts as connected in the history', async t => {
  const peer = await newPeer()
  const { engine, clock, components: { history } } = engineWorld(verified(() => false), { 1: { connects: 50 } })
  const [dialled, silent] = [address(1, peer), address(2, peer)].map(one => candidate(one, peer)) as [any, any]
  const before = history.online(peer)
  await t.throwsAsync(clock.until(engine.dial([address(1, peer), address(2, peer)])), { name: 'AggregateError' })

  t.is(history.failures(dialled), undefined)
  t.is(history.failures(silent)?.count, 1)
  t.true(history.estimate(dialled).success > history.estimate(silent).success)
  t.true(history.online(peer) > before)
})

test('aborting during a check leaves nothing open', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(verified(refusesAfter(5_000)), { 1: { connects: 50 } })
  const controller = new AbortController()
  const dial = engine.dial(address(1, peer), { signal: controller.signal })
  dial.catch(() => {})
  await clock.advance(100)
  t.is(network.open.length, 1)
  controller.abort(new Error('Enough'))

  await t.throwsAsync(dial, { message: 'Enough' })
  await clock.advance(0)
  t.deepEqual(network.open, [])
  t.is(engine.dials.running.size, 0)
  t.is(clock.pending, 0)
})

test('a caller that joins by address while verify() checks the connection waits for the verdict', async t => {
  const { engine, clock } = engineWorld(verified(async (_connection, { signal }, components) => {
    await sleep(100, components.clock, signal)

    return true
  }), { 1: { connects: 50 } })
  const first = engine.dial(address(1))
  await clock.advance(100)
  const second = engine.dial(address(1))
  const connections: Connection[] = await clock.until(Promise.all([first, second]))

  t.is(connections[0], connections[1])
  t.is(clock.now(), 150)
})
