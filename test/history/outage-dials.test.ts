import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { attemptTimeout } from '../../src/stages/attempt-layers.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { pace, pipeline } from '../../src/pipeline/index.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { systemError } from './learning.ts'
import type { History } from '../../src/history/history.ts'
import type { EngineWorld } from '../helpers/scripted.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const PEERS = 50

interface Scene extends EngineWorld {
  peers: PeerId[]
  /** Addresses of each peer: three silent ones, then a good one */
  addresses: Multiaddr[][]
}

async function scene (ms: number): Promise<Scene> {
  const world = engineWorld(pipeline(fromCaller(), pace('steady', race => race.lastStart + ms), race({ attempt: [attemptTimeout(2_000)] })))
  const peers = await Promise.all(Array.from({ length: PEERS }, newPeer))
  const addresses = peers.map((peer, n) => [1, 2, 3, 4].map(host => multiaddr(`/ip4/8.${host}.${n}.1/tcp/1/p2p/${peer}`)))
  addresses.forEach(([,,, good]) => { world.network.script(`${good}`, { connects: 50, firstResponse: 20 }) })

  return { ...world, peers, addresses }
}

/** Returns the number of addresses with a failure in the history */
function known ({ components, addresses }: Scene): number {
  const { current } = (components.history as History).networks

  return addresses.flat().filter(one => current.addresses.get(one.toString())?.failure === 'silent').length
}

for (const [how, ms] of [['one after the other', 1e6], ['every 900 ms', 900]] as const) {
  test(`no failure is taken for an outage in dials of 50 peers with three silent addresses, tried ${how}`, async t => {
    const made = await scene(ms)

    for (const addresses of made.addresses) {
      await made.clock.until(made.engine.dial(addresses))
    }

    // attempts in flight when the good one connects are cancelled
    t.is(known(made), PEERS * (ms === 900 ? 1 : 3))
  })
}

test('failures during an outage count until it ends, and are removed then', async t => {
  const made = await scene(100)
  const { clock, engine, network, addresses, peers, components } = made
  const good = addresses.map(([,,, one]) => one as Multiaddr)
  good.forEach(one => { network.script(one.toString(), 'silent') })
  await Promise.all(good.map(async one => t.throwsAsync(clock.until(engine.dial(one)), { name: 'TimeoutError' })))
  good.slice(0, 10).forEach(one => { network.script(one.toString(), { refuses: 0, error: systemError('ENETUNREACH') }) })
  await clock.advance(1_000)
  await Promise.all(good.map(async one => t.throwsAsync(clock.until(engine.dial(one)))))
  t.is(known(made), PEERS)
  t.true(peers.every(peer => components.history.online(peer) < 0.75))

  network.script(`${good[7]}`, { connects: 50, firstResponse: 20 })
  await clock.until(engine.dial(good[7] as Multiaddr))
  t.is(known(made), 0)
  t.is(peers.filter(peer => components.history.online(peer) === 0.75).length, PEERS - 1)
})
