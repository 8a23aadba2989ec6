import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { pipeline } from '../../../src/pipeline/index.ts'
import { fromAddressBook } from '../../../src/stages/from-address-book.ts'
import { race } from '../../../src/stages/race.ts'
import { sequential } from '../../../src/stages/sequential.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { at, flooded, inFlight, patient, signed } from '../flooded.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { SlotsInit } from '../../../src/dialer/attempts/slots.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** An address of a signed record in another network */
const elsewhere = multiaddr('/ip4/9.9.9.9/tcp/1')

/** Creates a node whose address book has the same unsigned address in the victim's network for each peer, and other signed ones after it */
function stored (slots: SlotsInit, ...others: Multiaddr[]): EngineWorld {
  const heard = { multiaddr: at(0), isCertified: false, provenance: [{ source: 'dht' }] }

  return engineWorld(pipeline(fromAddressBook(), sequential(), race()), {}, {
    addressBook: { query: () => [heard, ...others.map(signed)] },
    slots
  })
}

test('an address waiting for its prefix slot does not delay other addresses of its dial', async t => {
  const node = stored({ prefix: 1 }, elsewhere)
  const [first, second] = await Promise.all([newPeer(), newPeer()])
  node.engine.dial(first, patient()).catch(() => {})
  await node.clock.advance(100)
  node.network.script(elsewhere.toString(), { connects: 10 })
  const connection = await node.clock.until(node.engine.dial(second, patient()))

  t.true(connection.remoteAddr.toString().startsWith(elsewhere.toString()))
  t.is(node.clock.now(), 110)
  t.is(inFlight(node), 1)
  node.engine.stop()
  await node.clock.advance(0)
  t.is(node.clock.pending, 0)
})

test('an address waiting for its prefix slot does not delay other addresses of a dial that shares it', async t => {
  const node = stored({ prefix: 1 }, elsewhere)
  const [first, second] = await Promise.all([newPeer(), newPeer()])
  node.engine.dial(first, patient()).catch(() => {})
  await node.clock.advance(100)
  node.network.script(elsewhere.toString(), { connects: 1_000 })
  const dials = [node.engine.dial(second, patient())]
  await node.clock.advance(100)
  dials.push(node.engine.dial(second, { ...patient(), force: true }))
  const [one, other] = await node.clock.until(Promise.all(dials))

  t.is(one, other)
  t.is(node.clock.now(), 1_100)
  node.engine.stop()
})

test('an address that gets its prefix slot counts as in flight, and the pace goes on from its start', async t => {
  const last = multiaddr('/ip4/9.9.9.8/tcp/1')
  const node = stored({ prefix: 1 }, elsewhere, last)
  const [first, second] = await Promise.all([newPeer(), newPeer()])
  // the first attempt leaves its prefix slot after a while
  node.network.script(`${at(0).toString()}/p2p/${first.toString()}`, { connects: 3_000, firstResponse: 10 })
  node.engine.dial(first, patient()).catch(() => {})
  await node.clock.advance(0)
  node.network.script(`${elsewhere.toString()}/p2p/${second.toString()}`, { refuses: 3_005 })
  node.engine.dial(second, patient()).catch(() => {})
  await node.clock.advance(15_000)
  const of = (multiaddr: Multiaddr): number[] => node.network.attempts.filter(one => one.multiaddr === `${multiaddr.toString()}/p2p/${second.toString()}`).map(({ at }) => at)

  t.deepEqual([elsewhere, at(0), last].map(of), [[0], [10], [6_010]])
  node.engine.stop()
})

test('an address waiting for its prefix slot is dialled when it gets it, although all others have failed', async t => {
  const node = flooded({ slots: { prefix: 1 } })
  await node.flood(1)
  const bad = multiaddr('/ip4/9.9.9.9/tcp/1')
  node.network.script(bad.toString(), { refuses: 10 })
  node.network.script(at(1).toString(), { connects: 10 })
  const peer = await newPeer()
  const connection = await node.clock.until(node.engine.dial([bad.encapsulate(`/p2p/${peer.toString()}`)], patient()))

  t.true(connection.remoteAddr.toString().startsWith(at(1).toString()))
  // the attempt before it had no response in the time of 49 of 50 first responses
  t.is(node.clock.now(), 335)
})
