import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive, certifiedFirst, certifiedOnly, directFirst, fromConnectionManagerInit, goLike, quicFirst, staggered, stock } from '../../presets/index.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer, recordOf } from '../helpers/signing-peer.ts'
import { MIX } from './scene.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'

const addresses = Object.values(MIX).map(address => multiaddr(address))

/** Returns the addresses of two dials of a stored peer that accepts a connection at one address */
async function twice (pipeline: DialPipeline): Promise<[first: string[], second: string[]]> {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(pipeline, {}, {
    stored: addresses.map(one => ({ multiaddr: one, isCertified: true })),
    peerRecordEnvelope: await recordOf(peer, addresses),
    slots: { peer: 100 }
  })
  addresses.forEach(address => { network.script(address.toString(), { refuses: 20 }) })
  network.script(MIX.webRtcDirect, { connects: 20 })

  const connection = await clock.until(engine.dial(peer))
  const first = [...network.dialled]
  await clock.until(connection.close())
  await clock.until(engine.dial(peer))

  return [first, network.dialled.slice(first.length)]
}

for (const [name, preset] of Object.entries({ certifiedFirst, certifiedOnly, directFirst, goLike, quicFirst, staggered, stock, fromConnectionManagerInit: () => fromConnectionManagerInit({}) })) {
  test(`${name}() dials the same addresses in the same order after some have failed`, async t => {
    const [first, second] = await twice(preset())

    t.true(first.length > 2)
    t.deepEqual(second, first)
  })
}

test('adaptive() dials other addresses first after some have failed', async t => {
  const [first, second] = await twice(adaptive())

  t.true(first.length > 2)
  t.not(second[0], first[0])
})
