import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { cand, said, short, tryOut } from '../testing/try-out.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const [a, b] = [cand(1), cand(2)]
const bare = (n: number): Multiaddr => cand(n).multiaddr.decapsulate('/p2p')

test('the addresses that callers passed, also those of callers who join later', async t => {
  const trial = tryOut(t, fromCaller(), { from: 'target' })
  trial.give({ candidates: [a] })
  await trial.settle()
  trial.give({ candidates: [b, a] })
  await trial.settle()

  t.deepEqual(said(trial), ['1', '1 2'])
  t.deepEqual(trial.last?.candidates.map(one => one.provenance), [[{ source: 'user' }], [{ source: 'user' }]])
  t.is(trial.outputs[0]?.candidates[0], trial.outputs[1]?.candidates[0])
})

test('below others its provenance is added to theirs', async t => {
  const trial = tryOut(t, pipeline(fromPeerStore(), fromCaller()), {
    from: 'target',
    components: () => ({ stored: [{ multiaddr: bare(1), isCertified: true }] })
  })
  trial.give({ candidates: [b, a] })
  await trial.rest()
  t.is(short(trial.ids), '1 2')
  t.like(trial.last?.candidates[0], { isCertified: true, provenance: [{ source: 'certified' }, { source: 'user' }] })
})
