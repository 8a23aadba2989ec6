import test from 'ava'
import { attemptRetry, attemptTimeout } from '../../../src/stages/attempt-layers.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { candidate, pace, pipeline } from '../../../src/pipeline/index.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { History } from '../../../src/history/history.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'

const steady = pipeline(fromCaller(), pace('steady', race => race.lastStart + 100), race())

/** Starts the second address 5 s after the first */
const slow = pipeline(fromCaller(), pace('slow', race => race.lastStart + 5_000), race({ attempt: [] }))
const patient = (): { signal: AbortSignal } => ({ signal: new AbortController().signal })

/** Returns each dialled address with its start */
function dialled ({ network }: EngineWorld): string[] {
  return network.attempts.map(({ multiaddr, at }) => `${/192\.0\.2\.(\d+)/.exec(multiaddr)?.[1]} at ${at}`)
}

test('restart() dials silent addresses again, in their order and at their pace', async t => {
  const peer = await newPeer()
  const world = engineWorld(steady)
  const { engine, clock, network, components } = world
  const dial = engine.dial([1, 2, 3].map(n => address(n, peer)))
  const [running] = engine.dials.running
  await clock.advance(1_000)
  engine.attempts.restart()
  t.deepEqual(network.attempts.map(({ signal }) => signal.aborted), [true, true, true])
  network.script(address(2).toString(), { connects: 30 })
  const connection = await clock.until(dial)

  t.is(connection.remoteAddr.toString(), address(2, peer).toString())
  t.deepEqual(dialled(world), ['1 at 0', '2 at 100', '3 at 200', '1 at 1000', '2 at 1100'])
  t.deepEqual(running?.run?.story.addresses.get(address(2, peer).toString())?.attempts.map(({ result }) => result), ['cancelled', 'connected'])
  t.is((components.history as History).networks.current.addresses.get(address(3, peer).toString()), undefined)
})

test('an address that restart() skipped can be restarted later', async t => {
  const peer = await newPeer()
  const world = engineWorld(steady)
  const { engine, clock } = world
  const one = engine.dial(address(1, peer), patient())
  // this dial also has address 2 to start, so restart() does not restart its attempt, which is 4 s old
  const other = engine.dial([address(1, peer), address(2, peer)], { ...patient(), pipeline: slow })
  await clock.advance(4_000)
  engine.attempts.restart()
  t.deepEqual(dialled(world), ['1 at 0'])

  // the dial now has only the attempt at address 1
  await clock.advance(2_000)
  engine.attempts.restart()
  await clock.advance(10)
  t.deepEqual(dialled(world).filter(text => text.startsWith('1')), ['1 at 0', '1 at 6000'])
  engine.stop()
  await Promise.allSettled([one, other])
})

test('restart() gives a silent address its full timeout again, and records one failure', async t => {
  const peer = await newPeer()
  const { engine, clock, components } = engineWorld(pipeline(fromCaller(), race({ attempt: [attemptRetry(1), attemptTimeout(3_000)] })))
  const dial = engine.dial(address(1, peer), { signal: new AbortController().signal })
  dial.catch(() => {})
  await clock.advance(2_999)
  engine.attempts.restart()
  await clock.advance(2_999)
  t.is(components.history.failures(candidate(address(1, peer))), undefined)
  await clock.advance(1)
  t.is(components.history.failures(candidate(address(1, peer)))?.count, 1)
  await t.throwsAsync(clock.until(dial), { name: 'TimeoutError' })
})

test('restart() does not touch attempts that answered, connected, wait or failed', async t => {
  const world = engineWorld(steady, { 1: { connects: 500, firstResponse: 100 }, 2: { refuses: 10 } }, { slots: { node: 2 } })
  const { engine, clock } = world
  const peers = await Promise.all([newPeer(), newPeer(), newPeer()])
  const dials = [engine.dial(address(1, peers[0])), engine.dial([address(2, peers[1]), address(3, peers[1])]), engine.dial(address(4, peers[2]))]
  dials.forEach(dial => { dial.catch(() => {}) })
  await clock.advance(200)
  engine.attempts.restart()
  await clock.until(dials[0] as Promise<unknown>)
  engine.attempts.restart()
  await settled()

  t.deepEqual(dialled(world).filter(one => /^[12] /.test(one)), ['1 at 0', '2 at 0'])
  t.is((await dials[0])?.status, 'open')
})

test('restart() dials a shared attempt once for all its dials', async t => {
  const peer = await newPeer()
  const world = engineWorld(steady)
  const { engine, clock, network } = world
  const other = pipeline(fromCaller(), race())
  const dials = [engine.dial(address(1, peer)), engine.dial(address(1, peer), { pipeline: other })]
  await clock.advance(500)
  network.script(address(1).toString(), { connects: 30 })
  engine.attempts.restart()
  const [one, two] = await clock.until(Promise.all(dials))

  t.is(one, two)
  t.deepEqual(dialled(world), ['1 at 0', '1 at 500'])
})

test('restart() leaves nothing behind when the dial ends at the same time', async t => {
  const peer = await newPeer()
  const { engine, clock } = engineWorld(steady)
  const controller = new AbortController()
  const dial = engine.dial(address(1, peer), { signal: controller.signal })
  await clock.advance(500)
  engine.attempts.restart()
  controller.abort()
  await t.throwsAsync(dial, { name: 'AbortError' })
  await clock.advance(20_000)

  t.is(engine.attempts.size, 0)
  t.is(engine.dials.running.size, 0)
  t.is(clock.pending, 0)
})

test('the end of an outage restarts silent attempts', async t => {
  const world = engineWorld(steady)
  const { engine, clock, network, components } = world
  const history = components.history as History
  history.onNewNetwork = heard => { engine.attempts.restart(heard) }
  const peers = await Promise.all([newPeer(), newPeer()])
  const dials = [engine.dial(address(1, peers[0])), engine.dial([1, 2].map(n => address(n, peers[1])), { signal: new AbortController().signal })]
  dials.forEach(dial => { dial.catch(() => {}) })
  await clock.advance(6_050)
  await t.throwsAsync(dials[0] as Promise<unknown>, { name: 'TimeoutError' })
  network.script(address(2).toString(), { connects: 10 })
  history.connected(await newPeer())
  await clock.until(dials[1] as Promise<unknown>)

  t.is(clock.now(), 6_060)
})

test('the connection that ends an outage is not restarted', async t => {
  const { engine, clock, network, components } = engineWorld(steady, { 4: { connects: 30 } })
  const history = components.history as History
  history.onNewNetwork = heard => { engine.attempts.restart(heard) }
  const dial = components.transportManager.dial.bind(components.transportManager)
  components.transportManager.dial = async (one, options) => {
    const connection = await dial(one, options)
    history.connected(connection.remotePeer, { direction: 'outbound', remoteAddr: connection.remoteAddr })

    return connection
  }
  const peers = await Promise.all(Array.from({ length: 4 }, newPeer))
  const { signal } = new AbortController()
  peers.slice(0, 3).forEach((peer, i) => { engine.dial(address(i + 1, peer), { signal }).catch(() => {}) })
  await clock.advance(7_000)
  const connection = await clock.until(engine.dial(address(4, peers[3])))
  await clock.advance(2_000)

  t.is(connection.status, 'open')
  t.is(network.attempts.filter(({ multiaddr }) => multiaddr.includes('192.0.2.4/')).length, 1)
  engine.stop()
})


test('restart() dials an address again once in a dial', async t => {
  const world = engineWorld(steady)
  const { engine, clock } = world
  const dial = engine.dial(address(1, await newPeer()))

  for (let i = 0; i < 5; i++) {
    await clock.advance(1_000)
    engine.attempts.restart()
  }

  await t.throwsAsync(clock.until(dial), { name: 'TimeoutError' })
  t.deepEqual(dialled(world), ['1 at 0', '1 at 1000'])
})

test('restart() does not dial an address again that was silent for over 3 s when the dial has others', async t => {
  const world = engineWorld(pipeline(fromCaller(), pace('one-by-one', () => Infinity), race()), { 2: { connects: 20 } })
  const { engine, clock } = world
  const peer = await newPeer()
  const dial = engine.dial([address(1, peer), address(2, peer)])
  await clock.advance(4_000)
  engine.attempts.restart()
  await clock.until(dial)

  t.deepEqual(dialled(world), ['1 at 0', '2 at 6000'])
})
