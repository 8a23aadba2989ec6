import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { byCertified } from '../../src/stages/by-certified.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { testDial } from '../../src/testing/test-dial.ts'
import { world } from '../helpers/scripted.ts'
import { recordOf } from '../helpers/signing-peer.ts'
import { cand, PEER, short, tryOut } from '../testing/try-out.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const [a, b] = [cand(1), cand(2)]
const bare = (n: number): Multiaddr => cand(n).multiaddr.decapsulate('/p2p')

test('fromCaller() lists the callers\' addresses, including those of joining callers', t => {
  const { lists, target, end } = testDial({ components: world().components, peerId: PEER, multiaddrs: [a.multiaddr] })
  const make = lists(fromCaller())
  const first = make()
  target.add([b, a].map(({ multiaddr }) => multiaddr))
  const second = make()
  end()

  t.deepEqual([first, second].map(({ candidates, complete }) => [short(candidates), complete]), [['1', true], ['1 2', true]])
  t.deepEqual(second.candidates.map(one => one.provenance), [[{ source: 'user' }], [{ source: 'user' }]])
  t.is(first.candidates[0], second.candidates[0])
})

test('fromCaller() below another source adds its provenance to the candidate', async t => {
  const peerRecordEnvelope = await recordOf(PEER, [bare(1)])
  const trial = tryOut(t, pipeline(fromPeerStore(), fromCaller(), byCertified()), {
    from: 'target',
    components: () => ({ stored: [{ multiaddr: bare(1), isCertified: true }], peerRecordEnvelope })
  })
  trial.give({ candidates: [b, a] })
  await trial.rest()
  t.is(short(trial.ids), '1 2')
  t.like(trial.last?.candidates[0], { isCertified: true, provenance: [{ source: 'certified' }, { source: 'user' }] })
})
