import test from 'ava'
import { adaptive, certifiedFirst, certifiedOnly, staggered, stock } from '../../presets/index.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import * as stages from '../../src/stages/index.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { bareAddress, cand, PEER, reason, runStage, said } from '../testing/try-out.ts'
import { runOnStored, peerStoreOf } from './signed-peer-store.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

for (const [name, source] of Object.entries({ fromPeerStore: stages.fromPeerStore, fromKnown: stages.fromKnown })) {
  test(`certified() below ${name}() keeps addresses that a signed record proves, and drops mere claims with the reason`, async t => {
    const trial = await runOnStored(t, pipeline(source(), stages.certified()), [1, 2], [2, 3])
    t.deepEqual(said(trial).at(-1), '2')
    t.is(reason(trial, cand(1)), 'the peer store calls it certified, and has no signed record that names it')
    t.like(trial.last?.candidates[0], { isCertified: true, provenance: [{ source: 'certified' }] })
    t.true((trial.last?.candidates[0]?.provenance[0]?.seq ?? 0n) > 0n)
    t.deepEqual([1, 2].map(n => trial.host.story.addresses.get(cand(n).id)?.candidate.isCertified), [false, true])
  })
}

test('an address that the book has certified stays certified, whatever the peer store has', async t => {
  const known = { multiaddr: bareAddress(1), isCertified: true, provenance: [{ source: 'certified', seq: 3n }] }

  for (const source of [stages.fromKnown(), pipeline(stages.fromAddressBook(), stages.fromPeerStore())]) {
    const { components } = await peerStoreOf([1, 2], [2])
    const trial = await runStage(t, pipeline(source, stages.certified()), [], { from: 'target', components: () => ({ ...components, addressBook: { query: () => [known] } }) })
    t.is(said(trial).at(-1), '1 2')
  }

  const { components } = await peerStoreOf([1], undefined)
  const trial = await runStage(t, stages.fromKnown(), [], { from: 'target', components: () => ({ ...components, addressBook: { query: () => [known] } }) })
  t.deepEqual(trial.last?.candidates.map(({ provenance }) => provenance), [known.provenance])
})

test('a stage below certified() sees a complete list only after all proofs', async t => {
  const seen: string[] = []
  const stage = stages.stage('mine', () => ({ candidates, complete }) => {
    seen.push(`${candidates.length} ${complete ? 'complete' : 'not complete'}`)

    return candidates
  })
  await runOnStored(t, pipeline(stages.fromKnown(), stage), [1, 2], [2])
  t.deepEqual([...new Set(seen)], ['0 not complete', '2 complete'])
})

test('an address that the peer store calls certified without any record is not certified', async t => {
  const trial = await runOnStored(t, pipeline(stages.fromKnown(), stages.certified()), [1, 2])
  t.deepEqual(said(trial).at(-1), '')
})

test('a source with when: \'empty\' below certified() waits for the proof', async t => {
  const asking = pipeline(stages.fromKnown(), stages.certified(), stages.source('mine', () => [bareAddress(9)], { when: 'empty' }))
  t.is(said(await runOnStored(t, asking, [1], [1])).at(-1), '1')
  t.is(said(await runOnStored(t, asking, [1], [2])).at(-1), '9')
})

test('an address that a certified name resolves to is not certified', async t => {
  const resolvers = { dnsaddr: { canResolve: (one: Multiaddr) => one.toString().includes(bareAddress(1).toString()), resolve: async () => [cand(2).multiaddr] } }
  const trial = await runOnStored(t, pipeline(stages.fromKnown(), stages.resolve({ resolvers }), stages.libp2pOrder(), stages.certified()), [1], [1, 2])
  t.is(said(trial).at(-1), '')
})

test('a caller\'s address is certified when the peer\'s record names it', async t => {
  const { components } = await peerStoreOf([1, 2], [1])
  const trial = await runStage(t, pipeline(stages.fromCaller(), stages.fromKnown(), stages.certified()), [cand(2), cand(1)], { from: 'target', components: () => components })
  t.is(said(trial).at(-1), '1')
  t.deepEqual(trial.last?.candidates[0]?.provenance.map(({ source }) => source), ['user', 'certified'])
})

for (const [name, preset, times] of [['staggered', staggered, 0], ['stock', stock, 0], ['adaptive', adaptive, 0], ['certifiedFirst', certifiedFirst, 1], ['certifiedOnly', certifiedOnly, 1]] as const) {
  test(`${name}() verifies the record of a peer ${times === 0 ? 'never' : 'once, however often the peer is dialled'}`, async t => {
    const { components, verified } = await peerStoreOf([1, 2], [1])
    const { engine, clock, network } = engineWorld(preset(), {}, { ...components, settings: {} })
    network.script(bareAddress(1).toString(), { connects: 1 })

    for (let i = 0; i < 3; i++) {
      const connection = await clock.until(engine.dial(PEER, { force: true }))
      t.is(connection.remoteAddr.toString(), cand(1).id)
    }

    t.is(verified(), times)
    engine.stop()
  })
}

test('libp2pOrder() sorts by the peer store\'s isCertified, and does not certify candidates by it', async t => {
  const sorted: boolean[] = []
  const addressSorter = (a: { isCertified: boolean }, b: { isCertified: boolean }): -1 | 0 | 1 => {
    sorted.push(a.isCertified, b.isCertified)

    return 0
  }
  const own = await runStage(t, pipeline(stages.fromKnown(), stages.libp2pOrder()), [], { from: 'target', components: () => ({ stored: [1, 2].map(n => ({ multiaddr: bareAddress(n), isCertified: n === 2 })) }) })
  t.is(said(own).at(-1), '2 1')
  t.deepEqual(own.last?.candidates.map(({ isCertified }) => isCertified), [false, false])

  await runOnStored(t, pipeline(stages.fromKnown(), stages.libp2pOrder({ addressSorter })), [1, 2])
  t.deepEqual([...new Set(sorted)], [true])
})
