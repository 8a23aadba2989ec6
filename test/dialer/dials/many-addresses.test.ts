import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { filter, pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const loose = pipeline(fromCaller(), stagger(0), race())

function many (count: number, peer: PeerId): Multiaddr[] {
  return Array.from({ length: count }, (_, i) => multiaddr(`/ip4/198.51.${100 + (i >> 8)}.${i & 255}/tcp/4001/p2p/${peer}`))
}

test('a dial of 300 refusing addresses dials the first 256 once each, and its error counts the others', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(loose, {}, { slots: { node: 1_000, peer: 1_000, prefix: 1_000 } })
  const addresses = many(300, peer)
  addresses.forEach(one => { network.script(one.toString(), { refuses: 1 }) })

  await t.throwsAsync(clock.until(engine.dial(addresses)), { name: 'AggregateError', message: /^All multiaddr dials failed for \w+: .*; 248 more failed; 44 dropped by from-caller: over the limit of 256 addresses \(.*, …\)$/ })
  t.is(network.attempts.length, 256)
  t.is(new Set(network.dialled).size, 256)
})

test('a dial whose 300 addresses are all dropped fails at once', async t => {
  const { engine } = engineWorld(pipeline(fromCaller(), filter('none', () => false), race()))

  await t.throwsAsync(engine.dial(many(300, await newPeer())), { name: 'NoValidAddressesError' })
})

test('a caller that joins with 200,000 copies of an address gets the outcome of the dial', async t => {
  const peer = await newPeer()
  const { engine, clock } = engineWorld(loose, { 1: { refuses: 10 } })
  const first = t.throwsAsync(engine.dial(address(1, peer)), { message: /ECONNREFUSED/ })
  const one = address(1, peer)
  const second = t.throwsAsync(engine.dial(Array.from({ length: 200_000 }, () => one)), { message: /ECONNREFUSED/ })

  await clock.until(Promise.all([first, second]))
  t.is(engine.dials.pending.size, 0)
})
