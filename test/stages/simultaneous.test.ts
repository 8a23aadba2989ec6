import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { fromCaller, goDelays, oddsPace, pipeline, race, stagger } from '../../src/stages/index.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'

for (const pace of [stagger(), goDelays(), oddsPace()]) {
  test(`${pace.name}: when both sides dial at once, only the 10 ms between attempts delays them`, async t => {
    const peer = await newPeer()
    const { engine, clock, network } = engineWorld(pipeline(fromCaller(), pace, race()))
    const addresses = [...[1, 2].map(n => address(n, peer)), multiaddr(`/ip4/192.0.2.3/udp/4001/quic-v1/p2p/${peer.toString()}`)]
    const dial = engine.dial(addresses, { initiator: false })
    await clock.advance(100)

    t.deepEqual(network.attempts.map(({ at, multiaddr }) => [at, multiaddr]), addresses.map((one, i) => [i * 10, one.toString()]))
    engine.stop()
    await t.throwsAsync(dial, { name: 'AbortError' })
  })
}
