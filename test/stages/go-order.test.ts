import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromString } from '@libp2p/peer-id'
import { testDial } from '../../src/testing/test-dial.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { goDelays } from '../../src/stages/go-delays.ts'
import { goOrder } from '../../src/stages/go-order.ts'
import { world } from '../helpers/scripted.ts'
import { cands, onList, onLists, PEER } from './on-list.ts'

test('an address with and without its peer id is ranked once', async t => {
  const tcp = '/ip4/1.2.3.4/tcp/4001'
  const quic = '/ip4/1.2.3.4/udp/4001/quic-v1'
  const { components } = world({}, { stored: [{ multiaddr: multiaddr(tcp), isCertified: true }, { multiaddr: multiaddr(quic), isCertified: false }] })
  const multiaddrs = [tcp, `${tcp}/p2p/${PEER}`].map(address => multiaddr(address))
  const { lists, end } = testDial({ components, peerId: peerIdFromString(PEER), multiaddrs })
  const make = lists(fromCaller(), fromPeerStore(), goOrder())
  t.false(make().complete)
  await settled()
  const list = make()
  t.true(list.complete)
  t.deepEqual(list.candidates.map(({ id, provenance }) => [id, provenance.map(({ source }) => source).join()]), [
    [`${quic}/p2p/${PEER}`, 'peer-store'],
    [`${tcp}/p2p/${PEER}`, 'user,peer-store']
  ])
  end()
})

test('goOrder() sets no times, and goDelays() no order', async t => {
  const candidates = cands(['/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/udp/4001/quic-v1'])
  const ordered = await onList(goOrder(), candidates)
  t.deepEqual(ordered.list.candidates, candidates.toReversed())
  t.deepEqual(ordered.rules, [])

  const timed = await onList(goDelays(), candidates)
  t.deepEqual(timed.list.candidates, candidates)
  t.true(timed.rules.some(({ isPace }) => isPace))
})

test('goOrder() ranks each list again', async t => {
  const [tcp, quic, low] = cands(['/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/udp/4001/quic-v1', '/ip4/1.2.3.4/tcp/1'])

  const { kept } = await onLists(goOrder(), [[tcp], [tcp, quic], [tcp, quic, low]].map(list => list.flatMap(one => one ?? [])))
  t.deepEqual(kept, [quic, low, tcp].map(one => one?.id))
})
