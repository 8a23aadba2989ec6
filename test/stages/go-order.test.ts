import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromString } from '@libp2p/peer-id'
import { every } from '../../src/pipeline/pace.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { testDial } from '../../src/testing/test-dial.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { goDelays } from '../../src/stages/go-delays.ts'
import { goOrder } from '../../src/stages/go-order.ts'
import { world } from '../helpers/scripted.ts'
import { cands, onLists, PEER } from './on-list.ts'
import type { List } from '../../src/pipeline/types.ts'

test('what several report, with and without the peer\'s id, is ranked once', async t => {
  const tcp = '/ip4/1.2.3.4/tcp/4001'
  const quic = '/ip4/1.2.3.4/udp/4001/quic-v1'
  const { components } = world({}, { stored: [{ multiaddr: multiaddr(tcp), isCertified: true }, { multiaddr: multiaddr(quic), isCertified: false }] })
  const multiaddrs = [tcp, `${tcp}/p2p/${PEER}`].map(address => multiaddr(address))
  const { run, end } = testDial({ components, peerId: peerIdFromString(PEER), multiaddrs })

  for await (const list of run(pipeline(fromCaller(), fromPeerStore(), goOrder())) as AsyncIterable<List>) {
    if (list.complete) {
      t.deepEqual(list.candidates.map(({ id, provenance }) => [id, provenance.map(({ source }) => source).join()]), [
        [`${quic}/p2p/${PEER}`, 'peer-store'],
        [`${tcp}/p2p/${PEER}`, 'user,certified']
      ])
      break
    }
  }

  end()
})

test('goOrder keeps the pace from above, goDelays the order', async t => {
  const candidates = cands(['/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/udp/4001/quic-v1'])
  const pace = every(7)

  async function * lists (): AsyncGenerator<List> {
    yield { kind: 'candidates', candidates, complete: false, revision: 3, pace }
  }

  const { run } = testDial({ components: world().components })
  const { value: ordered } = await run(goOrder(), lists()).next()
  t.deepEqual({ ...ordered, candidates: undefined }, { kind: 'candidates', candidates: undefined, complete: false, revision: 3, pace })
  t.deepEqual(ordered.candidates, candidates.toReversed())

  const { value: paced } = await run(goDelays(), lists()).next()
  t.is(paced.candidates, candidates)
  t.not(paced.pace, pace)
})

test('every list is ranked anew', async t => {
  const [tcp, quic, low] = cands(['/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/udp/4001/quic-v1', '/ip4/1.2.3.4/tcp/1'])

  const { kept } = await onLists(goOrder(), [[tcp], [tcp, quic], [tcp, quic, low]].map(list => list.flatMap(one => one ?? [])))
  t.deepEqual(kept, [quic, low, tcp].map(one => one?.id))
})
