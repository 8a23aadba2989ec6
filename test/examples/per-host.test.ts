import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { perHost } from '../../examples/per-host.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { race } from '../../src/stages/race.ts'
import { circuit, dialBehindRelay, PUBLIC } from '../dialer/behind-relay.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'

const limited = (max: number): DialPipeline => pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), race({ attempt: [perHost(max)] }))

test('perHost(1) makes the attempt of another dial wait for the host, and its other addresses start at once', async t => {
  const [one, two] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock, network } = engineWorld(limited(1), { 1: { connects: 3_000 }, 2: { connects: 100 } })
  const first = engine.dial(address(1, one))
  await clock.advance(50)
  const [connection] = await clock.until(Promise.all([engine.dial([address(1, two), address(2, two)]), first]))

  t.is(connection.remoteAddr.toString(), address(2, two).toString())
  t.deepEqual(network.attempts.map(({ at, multiaddr }) => [at, multiaddr]), [[0, String(address(1, one))], [50, String(address(2, two))]])
})

test('perHost(2) starts the third attempt at a host when the first has ended', async t => {
  const peers = await Promise.all([newPeer(), newPeer(), newPeer()])
  const { engine, clock, network } = engineWorld(limited(2), { 1: { connects: 100 } })
  await clock.until(Promise.all(peers.map(async peer => engine.dial(address(1, peer)))))

  t.deepEqual(network.attempts.map(({ at }) => at), [0, 0, 100])
})

for (const target of [circuit(PUBLIC), multiaddr(circuit(PUBLIC).toString().replace('/p2p-circuit', '/p2p-circuit/webrtc'))]) {
  test(`perHost(1) lets the dial of the relay of ${target.toString().includes('webrtc') ? 'a WebRTC' : 'a relayed'} address have the slot`, async t => {
    t.deepEqual(await dialBehindRelay(limited(1), { target }), { isConnected: true, dialled: [PUBLIC] })
  })
}
