import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import * as stages from '../../src/stages/index.ts'
import { recordOf } from '../helpers/signing-peer.ts'
import { bareAddress, cand, dialled, PEER, runStage, said, tryOut } from '../testing/try-out.ts'
import { runOnStored, peerStoreOf } from './signed-peer-store.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'
import type { Peer } from '@libp2p/interface'

/** Stages that tell verified addresses apart: the first address is only marked, the second is signed */
const ASKING: Record<string, AnyStage> = {
  byCertified: stages.byCertified(),
  byProvenance: stages.byProvenance(),
  provenance: stages.provenance(['certified']),
  onlyIfNone: stages.onlyIfNone(one => one.isCertified),
  filter: stages.filter('mine', one => one.isCertified),
  rank: stages.rank('mine', (a, b) => Number(b.isCertified) - Number(a.isCertified)),
  rankBy: stages.rankBy('mine', one => Number(!one.isCertified)),
  expand: stages.expand('mine', one => one.isCertified ? [one] : []),
  stage: stages.stage('mine', () => ({ candidates }) => candidates.filter(one => one.isCertified))
}

/** Two stored addresses: the second is signed, the first is not marked */
const mixed = {
  stored: [1, 2].map(n => ({ multiaddr: bareAddress(n), isCertified: n === 2 })),
  peerRecordEnvelope: await recordOf(PEER, [bareAddress(2)])
}

for (const [name, stage] of Object.entries(ASKING)) {
  test(`${name} ranks certified addresses once they are proved, and sees no list before`, async t => {
    const trial = await runOnStored(t, pipeline(stages.fromKnown(), stage), [1, 2], [2])
    t.true(['2', '2 1'].includes(said(trial).at(-1) ?? ''), said(trial).join())
    t.deepEqual(said(trial).filter(list => list.startsWith('1')), [])
  })
}

for (const [name, stage] of Object.entries({ hold: stages.hold('mine', () => one => one.isCertified ? 0 : Infinity), prefer: stages.prefer(one => one.isCertified) })) {
  test(`${name} sees certified addresses once they are proved`, async t => {
    const { components } = await peerStoreOf([1, 2], [2])
    const trial = tryOut(t, pipeline(stages.fromKnown(), stage, stages.race()), { from: 'target', components: () => components })
    trial.script([cand(1), cand(2)], { refuses: 10 })
    trial.give()
    await trial.pass(1_000)
    t.deepEqual(dialled(trial).map(one => one[0]), ['2', '1'])
  })
}

for (const [name, stage] of Object.entries({ ...ASKING, provenance: stages.provenance({ exclude: ['dht'] }), filter: stages.filter('mine', () => true) })) {
  test(`${name} sees a proved address together with those that arrived with it`, async t => {
    const trial = await runStage(t, pipeline(stages.fromKnown(), stage), [], { from: 'target', components: () => mixed })
    const lists = said(trial).filter(list => /\d/.test(list))
    t.true(lists.length > 0 && lists.every(list => list.includes('2')), lists.join())
  })
}

test('a stage that waits for a proof keeps addresses listed before', async t => {
  const { promise, resolve } = Promise.withResolvers<Peer>()
  const trial = await runStage(t, pipeline(stages.source('first', () => [bareAddress(2), bareAddress(3)]), stages.fromPeerStore(), stages.filter('mine', () => true)), [], {
    from: 'target',
    // `any`: a fake with only the members that the test needs
    components: () => ({ peerStore: { get: async () => promise } as any })
  })
  resolve({ id: PEER, addresses: mixed.stored, peerRecordEnvelope: mixed.peerRecordEnvelope, protocols: [], metadata: new Map(), tags: new Map() })
  await trial.rest()
  t.deepEqual([...new Set(said(trial))], ['2 3 …', '2 3 1'])
})

test('the provenance option of a dial needs the proof, and provenance() without a policy does not', async t => {
  for (const [options, isAsked] of [[{}, false], [{ provenance: ['certified'] }, true]] as const) {
    const { components, verified } = await peerStoreOf([1, 2], [2])
    const trial = await runStage(t, pipeline(stages.fromKnown(), stages.provenance()), [], { from: 'target', options, components: () => components })
    t.is(said(trial).at(-1), isAsked ? '2' : '1 2')
    t.is(verified(), Number(isAsked))
  }
})
