import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { adaptive, certifiedFirst, certifiedOnly, staggered, stock } from '../../presets/index.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import * as stages from '../../src/stages/index.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { recordOf } from '../helpers/signing-peer.ts'
import { cand, dialled, PEER, reason, said, tryOut } from '../testing/try-out.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { AnyStage, DialComponents } from '../../src/pipeline/types.ts'
import type { ExecutionContext } from 'ava'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const bare = (n: number): Multiaddr => cand(n).multiaddr.decapsulate('/p2p')

/** A peer store that marks some addresses as certified and has a record of others. It counts the copies of the record for verification */
async function storing (stored: readonly number[], signed: readonly number[] | undefined): Promise<{ components: Partial<DialComponents>, verified: () => number }> {
  const record = signed == null ? undefined : await recordOf(PEER, signed.map(bare))
  let verified = 0

  return {
    components: {
      peerStore: {
        get: async () => ({
          id: PEER,
          addresses: stored.map(n => ({ multiaddr: bare(n), isCertified: true })),
          get peerRecordEnvelope () {
            return record == null ? undefined : Object.defineProperty(Uint8Array.from(record), Symbol.iterator, { get: () => { verified++; return record[Symbol.iterator] } })
          }
        })
      } as any
    },
    verified: () => verified
  }
}

async function trialOf (t: ExecutionContext, stage: AnyStage, stored: readonly number[], signed?: readonly number[]): Promise<StageRun> {
  const { components } = await storing(stored, signed)
  const trial = tryOut(t, stage, { from: 'target', components: () => components })
  trial.give()
  await trial.rest()

  return trial
}

for (const [name, source] of Object.entries({ fromPeerStore: stages.fromPeerStore, fromKnown: stages.fromKnown })) {
  test(`certified() below ${name}() keeps addresses that a signed record proves, and drops mere claims with the reason`, async t => {
    const trial = await trialOf(t, pipeline(source(), stages.certified()), [1, 2], [2, 3])
    t.deepEqual(said(trial).at(-1), '2')
    t.is(reason(trial, cand(1)), 'the peer store calls it certified, and has no signed record that names it')
    t.like(trial.last?.candidates[0], { isCertified: true, provenance: [{ source: 'certified' }] })
    t.true((trial.last?.candidates[0]?.provenance[0]?.seq ?? 0n) > 0n)
    t.deepEqual([1, 2].map(n => trial.host.story.addresses.get(cand(n).id)?.candidate.isCertified), [false, true])
  })
}

test('an address that the book has certified stays certified, whatever the peer store has', async t => {
  const known = { multiaddr: bare(1), isCertified: true, provenance: [{ source: 'certified', seq: 3n }] }

  for (const source of [stages.fromKnown(), pipeline(stages.fromAddressBook(), stages.fromPeerStore())]) {
    const { components } = await storing([1, 2], [2])
    const trial = tryOut(t, pipeline(source, stages.certified()), { from: 'target', components: () => ({ ...components, addressBook: { query: () => [known] } }) })
    trial.give()
    await trial.rest()
    t.is(said(trial).at(-1), '1 2')
  }

  const { components } = await storing([1], undefined)
  const trial = tryOut(t, stages.fromKnown(), { from: 'target', components: () => ({ ...components, addressBook: { query: () => [known] } }) })
  trial.give()
  await trial.rest()
  t.deepEqual(trial.last?.candidates.map(({ provenance }) => provenance), [known.provenance])
})

test('a stage below certified() sees a complete list only after all proofs', async t => {
  const seen: string[] = []
  const stage = stages.stage('mine', () => ({ candidates, complete }) => {
    seen.push(`${candidates.length} ${complete ? 'complete' : 'not complete'}`)

    return candidates
  })
  await trialOf(t, pipeline(stages.fromKnown(), stage), [1, 2], [2])
  t.deepEqual([...new Set(seen)], ['0 not complete', '2 complete'])
})

test('an address that the peer store calls certified without any record is not certified', async t => {
  const trial = await trialOf(t, pipeline(stages.fromKnown(), stages.certified()), [1, 2])
  t.deepEqual(said(trial).at(-1), '')
})

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

for (const [name, stage] of Object.entries(ASKING)) {
  test(`${name} ranks certified addresses once they are proved, and sees no list before`, async t => {
    const trial = await trialOf(t, pipeline(stages.fromKnown(), stage), [1, 2], [2])
    t.true(['2', '2 1'].includes(said(trial).at(-1) ?? ''), said(trial).join())
    t.deepEqual(said(trial).filter(list => list.startsWith('1')), [])
  })
}

for (const [name, stage] of Object.entries({ hold: stages.hold('mine', () => one => one.isCertified ? 0 : Infinity), prefer: stages.prefer(one => one.isCertified) })) {
  test(`${name} sees certified addresses once they are proved`, async t => {
    const { components } = await storing([1, 2], [2])
    const trial = tryOut(t, pipeline(stages.fromKnown(), stage, stages.race()), { from: 'target', components: () => components })
    trial.script([cand(1), cand(2)], { refuses: 10 })
    trial.give()
    await trial.pass(1_000)
    t.deepEqual(dialled(trial).map(one => one[0]), ['2', '1'])
  })
}

/** A peer store with two addresses: the second is signed, the first is not marked */
async function storingBoth (): Promise<DialComponents['peerStore']> {
  const peerRecordEnvelope = await recordOf(PEER, [bare(2)])

  return { get: async () => ({ id: PEER, addresses: [1, 2].map(n => ({ multiaddr: bare(n), isCertified: n === 2 })), peerRecordEnvelope }) } as any
}

for (const [name, stage] of Object.entries({ ...ASKING, provenance: stages.provenance({ exclude: ['dht'] }), filter: stages.filter('mine', () => true) })) {
  test(`${name} sees a proved address together with those that arrived with it`, async t => {
    const peerStore = await storingBoth()
    const trial = tryOut(t, pipeline(stages.fromKnown(), stage), { from: 'target', components: () => ({ peerStore }) })
    trial.give()
    await trial.rest()
    const lists = said(trial).filter(list => /\d/.test(list))
    t.true(lists.length > 0 && lists.every(list => list.includes('2')), lists.join())
  })
}

test('a stage that waits for a proof keeps addresses listed before', async t => {
  const peerStore = await storingBoth()
  let answer = (): void => {}
  const asked = new Promise<void>(resolve => { answer = resolve })
  const trial = tryOut(t, pipeline(stages.source('first', () => [bare(2), bare(3)]), stages.fromPeerStore(), stages.filter('mine', () => true)), {
    from: 'target',
    components: () => ({ peerStore: { get: async (peer: PeerId) => asked.then(async () => peerStore.get(peer)) } as any })
  })
  trial.give()
  await trial.rest()
  answer()
  await trial.rest()
  t.deepEqual([...new Set(said(trial))], ['2 3 …', '2 3 1'])
})

test('the provenance option of a dial needs the proof, and provenance() without a policy does not', async t => {
  for (const [options, isAsked] of [[{}, false], [{ provenance: ['certified'] }, true]] as const) {
    const { components, verified } = await storing([1, 2], [2])
    const trial = tryOut(t, pipeline(stages.fromKnown(), stages.provenance()), { from: 'target', options, components: () => components })
    trial.give()
    await trial.rest()
    t.is(said(trial).at(-1), isAsked ? '2' : '1 2')
    t.is(verified(), Number(isAsked))
  }
})

test('a source with when: \'empty\' below certified() waits for the proof', async t => {
  const asking = pipeline(stages.fromKnown(), stages.certified(), stages.source('mine', () => [bare(9)], { when: 'empty' }))
  t.is(said(await trialOf(t, asking, [1], [1])).at(-1), '1')
  t.is(said(await trialOf(t, asking, [1], [2])).at(-1), '9')
})

test('an address that a certified name resolves to is not certified', async t => {
  const resolvers = { dnsaddr: { canResolve: (one: Multiaddr) => one.toString().includes(bare(1).toString()), resolve: async () => [cand(2).multiaddr] } }
  const trial = await trialOf(t, pipeline(stages.fromKnown(), stages.resolve({ resolvers }), stages.libp2pOrder(), stages.certified()), [1], [1, 2])
  t.is(said(trial).at(-1), '')
})

test('a caller\'s address is certified when the peer\'s record names it', async t => {
  const { components } = await storing([1, 2], [1])
  const trial = tryOut(t, pipeline(stages.fromCaller(), stages.fromKnown(), stages.certified()), { from: 'target', components: () => components })
  trial.give({ candidates: [cand(2), cand(1)] })
  await trial.rest()
  t.is(said(trial).at(-1), '1')
  t.deepEqual(trial.last?.candidates[0]?.provenance.map(({ source }) => source), ['user', 'certified'])
})

const LOCAL = multiaddr('/ip4/10.0.0.7/tcp/1')

/** A node with attribution that knows an address of its own network from its peer store and from the DHT */
async function attributed (t: ExecutionContext, stage: AnyStage, signed: readonly Multiaddr[], addresses = [LOCAL, bare(1)]): Promise<string> {
  const peerRecordEnvelope = await recordOf(PEER, signed)
  const booked = { multiaddr: LOCAL, isCertified: false, provenance: [{ source: 'dht', reporter: 'somebody' }] }
  const trial = tryOut(t, pipeline(stages.fromKnown(), stage), {
    from: 'target',
    components: () => ({
      addressBook: { isAttributed: true, query: () => [booked] },
      surroundings: { isPublic: true, wasPublic: () => true },
      peerStore: { get: async () => ({ id: PEER, addresses: addresses.map(one => ({ multiaddr: one, isCertified: true })), peerRecordEnvelope }) } as any
    })
  })
  trial.give()
  await trial.rest()

  return said(trial).at(-1) ?? ''
}

test('scope() keeps a certified local address', async t => {
  t.is(await attributed(t, stages.scope(), [bare(1)]), '1')
  t.is(await attributed(t, stages.scope(), [LOCAL, bare(1)]), `${LOCAL} 1`)
})

test('byLocalHearsay() keeps the place of a certified local address', async t => {
  t.is(await attributed(t, stages.byLocalHearsay(), [bare(1)]), `1 ${LOCAL}`)
  t.is(await attributed(t, stages.byLocalHearsay(), [LOCAL, bare(1)]), `${LOCAL} 1`)
})

test('localHearsayLater() does not limit certified local addresses', async t => {
  const local = [1, 2, 3, 4].map(n => multiaddr(`/ip4/10.0.0.${n}/tcp/1`))

  for (const [signed, most] of [[[], 2], [local, 4]] as const) {
    const peerRecordEnvelope = await recordOf(PEER, signed)
    const trial = tryOut(t, pipeline(stages.fromKnown(), stages.localHearsayLater(), stages.stagger(10), stages.race()), {
      from: 'target',
      components: () => ({
        addressBook: { isAttributed: true, query: () => [] },
        peerStore: { get: async () => ({ id: PEER, addresses: local.map(one => ({ multiaddr: one, isCertified: true })), peerRecordEnvelope }) } as any
      })
    })
    trial.give()
    await trial.pass(100)
    t.is(dialled(trial).length, most)
  }
})

test('quota() does not limit certified addresses', async t => {
  const many = Array.from({ length: 30 }, (_, n) => bare(n + 1))
  t.is((await attributed(t, stages.quota(), [], many)).split(' ').length, 16)
  t.is((await attributed(t, stages.quota(), many, many)).split(' ').length, 31)
})

for (const [name, preset, times] of [['staggered', staggered, 0], ['stock', stock, 0], ['adaptive', adaptive, 0], ['certifiedFirst', certifiedFirst, 1], ['certifiedOnly', certifiedOnly, 1]] as const) {
  test(`${name}() verifies the record of a peer ${times === 0 ? 'never' : 'once, however often the peer is dialled'}`, async t => {
    const { components, verified } = await storing([1, 2], [1])
    const { engine, clock, network } = engineWorld(preset(), {}, { ...components, settings: {} })
    network.script(bare(1).toString(), { connects: 1 })

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
  const own = tryOut(t, pipeline(stages.fromKnown(), stages.libp2pOrder()), { from: 'target', components: () => ({ stored: [1, 2].map(n => ({ multiaddr: bare(n), isCertified: n === 2 })) }) })
  own.give()
  await own.rest()
  t.is(said(own).at(-1), '2 1')
  t.deepEqual(own.last?.candidates.map(({ isCertified }) => isCertified), [false, false])

  await trialOf(t, pipeline(stages.fromKnown(), stages.libp2pOrder({ addressSorter })), [1, 2])
  t.deepEqual([...new Set(sorted)], [true])
})
