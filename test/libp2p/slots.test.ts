import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { pace, pipeline } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { blackholes } from '../helpers/blackhole.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { addressesOf, dialling, leadsTo, listening } from './kit.ts'

const eager = pipeline(fromCaller(), pace('eager', race => race.lastStart + 10), race())

test('silent addresses of three peers leave a slot for the first attempt to another peer', async t => {
  const [node, remote, silence, peers] = await Promise.all([
    // by slow expected round trips, no silent attempt gives way during the test
    dialling(t, eager, { dialerInit: { slots: { node: 16 }, history: { belief: { roundTrip: 2_000 } } } }),
    listening(t),
    blackholes(8),
    Promise.all([1, 2, 3].map(newPeer))
  ])
  t.teardown(silence.close)
  const leaving = new AbortController()
  const dials = peers.map(async peer => node.dial(silence.multiaddrs.map(multiaddr => multiaddr.encapsulate(`/p2p/${peer}`)), { signal: leaving.signal }).catch(err => err))
  // the starts within one host are 1 s, 500 ms, 250 ms, … apart
  await sleep(2_500)

  leadsTo(t, await node.dial(addressesOf(remote)), remote)
  const silent = peers.flatMap(peer => node.services.dialer.traces(peer)).flatMap(({ candidates }) => candidates).flatMap(({ attempts }) => attempts)
  t.is(silent.filter(({ startedAt }) => startedAt != null).length, 3 + 6)
  t.deepEqual(silent.filter(({ endedAt }) => endedAt != null), [])

  leaving.abort()
  await Promise.all(dials)
})
