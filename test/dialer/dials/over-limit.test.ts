import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { sequential } from '../../../src/stages/sequential.ts'
import { engineWorld, newPeer } from '../../helpers/scripted.ts'

test('the error of a dial says how many addresses of its caller were over the limit', async t => {
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), sequential(), race()))
  const peer = await newPeer()
  const given = Array.from({ length: 300 }, (_, i) => multiaddr(`/ip4/192.0.2.1/tcp/${i + 1}/p2p/${peer.toString()}`))
  given.forEach(one => { network.script(one.decapsulate('/p2p').toString(), { refuses: 0 }) })
  await t.throwsAsync(clock.until(engine.dial(given)), { name: 'AggregateError', message: /^All multiaddr dials failed for \w+: .*; 248 more failed; 44 dropped by from-caller: over the limit of 256 addresses \(.*, …\)$/ })
  t.is(network.dialled.length, 256)
})
