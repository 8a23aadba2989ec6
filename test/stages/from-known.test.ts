import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { rankBy } from '../../src/pipeline/authoring/rank.ts'
import { stage } from '../../src/pipeline/authoring/stage.ts'
import { fromAddressBook } from '../../src/stages/from-address-book.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromKnown } from '../../src/stages/from-known.ts'
import { scope } from '../../src/stages/scope.ts'
import { testDial } from '../../src/testing/test-dial.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { world } from '../helpers/scripted.ts'
import { recordOf } from '../helpers/signing-peer.ts'
import { PEER, said, short, tryOut } from '../testing/try-out.ts'
import type { DialComponents, KnownAddress } from '../../src/pipeline/types.ts'
import type { Address } from '@libp2p/interface'

const at = (n: number): KnownAddress['multiaddr'] => multiaddr(`/ip4/203.0.113.${n}/tcp/4001`)

function node (booked: readonly KnownAddress[] | undefined, stored: () => Promise<Address[]>, peerRecordEnvelope?: Uint8Array): () => Partial<DialComponents> {
  return () => ({
    addressBook: booked == null ? undefined : { query: () => booked },
    peerStore: { get: async () => ({ addresses: await stored(), peerRecordEnvelope }) } as any
  })
}

test('fromKnown() lists addresses of both book and peer store, merged', async t => {
  const booked = [1, 2].map(n => ({ multiaddr: at(n), isCertified: false, provenance: [{ source: 'dht', reporter: 'a' }] }))
  const record = await recordOf(PEER, [at(2)])
  const trial = tryOut(t, pipeline(fromCaller(), fromKnown({ when: 'empty' }), rankBy('asking', () => 0)), { from: 'target', components: node(booked, async () => [2, 3].map(n => ({ multiaddr: at(n), isCertified: n === 2 })), record) })
  trial.give()
  await trial.rest()

  const candidates = trial.outputs.at(-1)?.candidates ?? []
  t.is(short(candidates), '1 2 3')
  t.deepEqual(candidates.map(({ isCertified }) => isCertified), [false, true, false])
  t.deepEqual(candidates[1]?.provenance.map(({ source }) => source), ['dht', 'certified'])
})

test('fromKnown() lists an observed address only when another source names it too', async t => {
  const observed = { source: 'observed' }
  const booked = [
    { multiaddr: at(1), isCertified: false, provenance: [observed] },
    { multiaddr: at(2), isCertified: false, provenance: [observed, { source: 'dht' }] },
    { multiaddr: at(3), isCertified: false, provenance: [observed] },
    { multiaddr: at(4), isCertified: false, provenance: [] }
  ]
  const trial = tryOut(t, fromKnown(), { from: 'target', components: node(booked, async () => [{ multiaddr: at(3), isCertified: false }]) })
  trial.give()
  await trial.rest()
  t.is(short(trial.outputs.at(-1)?.candidates ?? []), '2 4 3')
})

test('the limit of fromKnown() applies to the book and to the peer store', async t => {
  const booked = [1, 2, 3].map(n => ({ multiaddr: at(n), isCertified: false, provenance: [{ source: 'dht' }] }))
  const trial = tryOut(t, fromKnown({ limit: 2 }), { from: 'target', components: node(booked, async () => [4, 5, 6].map(n => ({ multiaddr: at(n), isCertified: false }))) })
  trial.give()
  await trial.rest()
  t.is(short(trial.outputs.at(-1)?.candidates ?? []), '1 2 4 5')
})

test('fromKnown() reads the book only a few times for 32 stored addresses', async t => {
  let reads = 0
  const components = (): Partial<DialComponents> => ({
    ...node([], async () => Array.from({ length: 32 }, (_, i) => ({ multiaddr: at(i), isCertified: false })))(),
    addressBook: { query: () => { reads++; return [] } }
  })
  const trial = tryOut(t, fromKnown(), { from: 'target', components })
  trial.give()
  await trial.rest()
  t.is(trial.outputs.at(-1)?.candidates.length, 32)
  t.true(reads < 8, `${reads} reads: one a list, and one for what both have`)
})

test('fromKnown() lists the peer store\'s addresses without a book', async t => {
  const trial = tryOut(t, fromKnown(), { from: 'target', components: node(undefined, async () => [{ multiaddr: at(1), isCertified: false }]) })
  trial.give()
  await trial.rest()
  t.deepEqual(said(trial).at(-1), '1')
})

test('fromKnown() lists the book\'s addresses before a slow peer store answers, and when it fails', async t => {
  const gate = Promise.withResolvers<Address[]>()
  const trial = tryOut(t, fromKnown(), { from: 'target', components: node([{ multiaddr: at(1), isCertified: false, provenance: [{ source: 'dht' }] }], async () => gate.promise) })
  trial.give()
  await trial.settle()
  t.is(said(trial).at(-1), '1 …')
  gate.reject(new Error('disk is full'))
  await trial.rest()
  t.is(said(trial).at(-1), '1')
  t.is(trial.host.errors.length, 1)
})

test('fromKnown() keeps a report that expires during the dial', async t => {
  const stranger = { multiaddr: multiaddr('/ip4/10.0.0.1/tcp/1'), isCertified: false, provenance: [{ source: 'dht', reporter: 'public' }] }
  const booked: KnownAddress[] = [stranger]
  const surroundings = { isPublic: true, wasPublic: () => true }
  const components = (): Partial<DialComponents> => ({ ...node(booked, async () => [stranger])(), surroundings })
  const sources = stage('sources', () => ({ candidates }) => {
    seen.push(...candidates.map(({ provenance }) => provenance.map(({ source }) => source)))

    return candidates
  })
  const seen: string[][] = []
  const trial = tryOut(t, pipeline(fromKnown(), sources, scope()), { from: 'target', components })
  trial.give()
  await trial.rest()
  booked.pop()
  trial.target.invalidate()
  await trial.rest()

  t.is(trial.outputs.at(-1)?.candidates.length, 0)
  t.deepEqual(seen.at(-1), ['dht'])
})

for (const [name, stage] of Object.entries({ fromKnown: fromKnown(), fromAddressBook: fromAddressBook() })) {
  test(`${name}() marks an address where the node was connected as dialled`, async t => {
    const dialled = { multiaddr: at(1), isCertified: false, provenance: [{ source: 'dialled' }] }
    const trial = tryOut(t, stage, { from: 'target', components: node([dialled], async () => [dialled]) })
    trial.give()
    await trial.rest()
    t.deepEqual(trial.last?.candidates.map(({ provenance }) => provenance), [[{ source: 'dialled' }]])
  })
}

test('fromKnown() merges a certified address with the book\'s report, also after it expires', async t => {
  const reported = { multiaddr: at(1), isCertified: false, provenance: [{ source: 'dht' }] }
  const booked: KnownAddress[] = [reported]
  const trial = tryOut(t, pipeline(fromKnown(), rankBy('asking', () => 0)), { from: 'target', components: node(booked, async () => [{ multiaddr: at(1), isCertified: true }], await recordOf(PEER, [at(1)])) })
  trial.give()
  await trial.rest()
  booked.pop()
  trial.target.invalidate()
  await trial.rest()
  t.deepEqual(trial.last?.candidates.map(({ provenance }) => provenance.map(({ source }) => source)), [['dht', 'certified']])
})

test('fromKnown() gives an address without reports the source peer-store', async t => {
  const pinned = { multiaddr: at(1), isCertified: false, provenance: [] }
  const trial = tryOut(t, fromKnown(), { from: 'target', components: node([pinned], async () => [pinned]) })
  trial.give()
  await trial.rest()
  t.deepEqual(trial.last?.candidates.map(({ provenance }) => provenance), [[{ source: 'peer-store' }]])
})

test('fromKnown() lists an address that the book learns during the dial beside 256 stored ones', async t => {
  const booked: KnownAddress[] = []
  const stored = Array.from({ length: 300 }, (_, i) => ({ multiaddr: multiaddr(`/ip4/203.0.113.9/tcp/${i + 1}`), isCertified: false }))
  const trial = tryOut(t, fromKnown({ when: 'empty' }), { from: 'target', components: node(booked, async () => stored) })
  trial.give()
  await trial.rest()
  t.is(trial.outputs.at(-1)?.candidates.length, 256)
  booked.push({ multiaddr: at(1), isCertified: false, provenance: [{ source: 'dht' }] })
  trial.target.invalidate()
  await trial.rest()
  t.is(short(trial.outputs.at(-1)?.candidates.slice(0, 1) ?? []), '1')
  t.is(trial.outputs.at(-1)?.candidates.length, 257)
})

test('fromKnown() with when: \'empty\' adds nothing to the caller\'s addresses', async t => {
  const { components } = world({}, { stored: [{ multiaddr: at(1), isCertified: false }] })
  const { lists, end } = testDial({ components, peerId: PEER, multiaddrs: [at(9)] })
  const make = lists(fromCaller(), fromKnown({ when: 'empty' }))
  make()
  await settled()
  t.is(short(make().candidates), '9')
  t.true(make().complete)
  end()
})

for (const [what, query] of [['throws', () => { throw new Error('disk is full') }], ['answers null', () => null as any]] as const) {
  test(`fromKnown() lists the peer store's addresses when the book's query() ${what}`, async t => {
    const trial = tryOut(t, fromKnown(), { from: 'target', components: () => ({ ...node(undefined, async () => [{ multiaddr: at(1), isCertified: false }])(), addressBook: { query } }) })
    trial.give()
    await trial.rest()
    t.deepEqual(said(trial).at(-1), '1')
  })
}

test('fromKnown() skips a stored item that is not a multiaddr', async t => {
  const trial = tryOut(t, fromKnown(), { from: 'target', components: node(undefined, async () => [null, { multiaddr: '/ip4/1.2.3.4/tcp/1' }, { multiaddr: at(1), isCertified: false }] as any) })
  trial.give()
  await trial.rest()
  t.deepEqual(said(trial).at(-1), '1')
})

