import test from 'ava'
import { filter, pipeline, prefer, source, stage } from '../../../src/pipeline/index.ts'
import { dialable } from '../../../src/stages/dialable.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../../src/stages/from-routing.ts'
import { gater } from '../../../src/stages/gater.ts'
import { libp2pOrder } from '../../../src/stages/libp2p-order.ts'
import { race } from '../../../src/stages/race.ts'
import { resolve } from '../../../src/stages/resolve.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { take } from '../../../src/stages/take.ts'
import { sleep } from '../../../src/pipeline/clock.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'

test('a failing dial ends once no stage has pending work', async t => {
  const peer = await newPeer()
  const whole = pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), fromRouting({ when: 'exhausted' }), resolve(), dialable(), gater(), libp2pOrder(), take(), stagger(), race())
  const { engine, clock } = engineWorld(whole, { 1: { refuses: 10 }, 2: { refuses: 10 } })

  await t.throwsAsync(clock.until(engine.dial([address(1, peer), address(2, peer)])), { name: 'AggregateError' })
  t.is(clock.pending, 0)
})

test('routing with when: \'empty\' waits for a slow peer store', async t => {
  const peer = await newPeer()
  let asked = 0
  const { engine, clock, components } = engineWorld(pipeline(fromPeerStore(), fromRouting({ when: 'empty' }), race()), { 1: { connects: 10 } }, {
    stored: [{ multiaddr: address(1), isCertified: false }],
    routed: async () => { asked++; return [] }
  })
  const { get } = components.peerStore
  components.peerStore.get = async (...args) => {
    await sleep(500, clock, new AbortController().signal)
    return get(...args)
  }

  await clock.until(engine.dial(peer))
  t.is(asked, 0)
})

test('a dial does not end while a joining caller\'s address is judged', async t => {
  const peer = await newPeer()
  const slow = filter('slow', async (_one, { clock, signal }) => sleep(50, clock, signal).then(() => true))
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), slow, race()), { 1: { refuses: 100 }, 2: { connects: 10 } })

  const first = engine.dial(address(1, peer))
  await clock.advance(149)
  // the only attempt fails in 1 ms, and the new address reaches the race after 50 ms
  const second = engine.dial(address(2, peer))
  const connections = await clock.until(Promise.all([first, second]))

  t.is(connections[0], connections[1])
  t.deepEqual(network.dialled, [address(1), address(2)].map(String))
})

test('prefer() does not deadlock when a later stage drops the preferred candidate', async t => {
  const peer = await newPeer()
  const silentTake = stage('silent-take', () => ({ candidates }) => candidates.slice(1))
  const preferFirst = prefer(({ multiaddr }) => multiaddr.toString().includes('192.0.2.1/'))
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), preferFirst, silentTake, race()), { 2: { connects: 10 } })

  await clock.until(engine.dial([address(1, peer), address(2, peer)]))
  t.deepEqual(network.dialled, [String(address(2))])
})

test('addresses that arrive late start at the pace, not in a burst', async t => {
  const peer = await newPeer()
  const late = source('late', async function * (dial) {
    await sleep(2_000, dial.clock, dial.signal)
    yield * [2, 3, 4, 5].map(n => address(n))
  })
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), late, stagger(), race()))
  const dial = engine.dial(address(1, peer), { signal: new AbortController().signal })
  dial.catch(() => {})

  await clock.advance(3_000)
  t.deepEqual(network.attempts.map(({ at }) => at), [0, 2_000, 2_250, 2_500, 2_750])
  engine.stop()
  await t.throwsAsync(dial, { name: 'AbortError' })
  await clock.advance(0)
  t.is(clock.pending, 0)
})
