import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { byCertified } from '../../src/stages/by-certified.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { recordOf } from '../helpers/signing-peer.ts'
import { cand, PEER, said, short, tryOut } from '../testing/try-out.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const [a, b] = [cand(1), cand(2)]
const sourcesIn = ({ outputs }: StageRun): unknown => outputs.at(-1)?.candidates.map(({ id, isCertified, provenance }) => [short([id]), isCertified, provenance.map(({ source }) => source)])
const bare = (n: number): Multiaddr => cand(n).multiaddr.decapsulate('/p2p')

test('fromPeerStore() gives its addresses the source peer-store, also when they claim to be certified', async t => {
  const stored = [{ multiaddr: bare(1), isCertified: true }, { multiaddr: a.multiaddr, isCertified: false }, { multiaddr: bare(2), isCertified: false }]
  const trial = tryOut(t, fromPeerStore(), { from: 'target', components: () => ({ stored }) })
  trial.give()
  await trial.rest()
  t.deepEqual(sourcesIn(trial), [['1', false, ['peer-store']], ['2', false, ['peer-store']]])
})

for (const [name, order] of [['first', [true, false]], ['last', [false, true]]] as const) {
  test(`an address stored twice, ${name} as certified, is certified once when it is proved`, async t => {
    const peerRecordEnvelope = await recordOf(PEER, [bare(1)])
    const trial = tryOut(t, pipeline(fromPeerStore(), byCertified()), {
      from: 'target',
      components: () => ({ stored: [bare(1), a.multiaddr].map((multiaddr, i) => ({ multiaddr, isCertified: order[i] as boolean })), peerRecordEnvelope })
    })
    trial.give()
    await trial.rest()
    t.deepEqual(sourcesIn(trial), [['1', true, ['certified']]])
  })
}

test('fromPeerStore() of an unknown peer lists nothing and logs nothing', async t => {
  const trial = tryOut(t, fromPeerStore())
  trial.give({ candidates: [b] })
  await trial.rest()
  t.deepEqual(said(trial).at(-1), '2')
  t.deepEqual(trial.host.errors, [])
})

test('fromPeerStore() logs a peer store that fails', async t => {
  const trial = tryOut(t, fromPeerStore(), { components: () => ({ peerStore: { get: async () => { throw new Error('Broken') } } as any }) })
  trial.give({ candidates: [b] })
  await trial.rest()
  t.is(said(trial).at(-1), '2')
  t.is(trial.host.errors.length, 1)
})

test('fromPeerStore() aborts its read when the dial is over', async t => {
  let given: AbortSignal | undefined
  const trial = tryOut(t, fromPeerStore(), {
    components: () => ({
      peerStore: {
        get: async (_id: unknown, { signal }: { signal: AbortSignal }) => {
          given = signal
          return new Promise(() => {})
        }
      } as any
    })
  })
  trial.give({ candidates: [a] })
  await trial.settle()
  t.deepEqual(said(trial), ['1 …'])
  trial.leave()
  t.true(given?.aborted)
})
