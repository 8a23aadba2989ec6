import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { certified } from '../../src/stages/certified.ts'
import { fromAddressBook } from '../../src/stages/from-address-book.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { recordOf } from '../helpers/signing-peer.ts'
import { PEER, said, short, tryOut } from '../testing/try-out.ts'
import type { DialAddressBook, KnownAddress } from '../../src/pipeline/types.ts'

const ADDRESS = multiaddr('/ip4/203.0.113.1/tcp/4001')

function book (...known: readonly KnownAddress[]): { addressBook: DialAddressBook } {
  return { addressBook: { query: () => known } }
}

test('fromAddressBook() lists the book\'s addresses with their provenance', async t => {
  const known = { multiaddr: ADDRESS, isCertified: true, provenance: [{ source: 'certified', seq: 3n }, { source: 'dht', reporter: 'somebody' }] }
  const trial = tryOut(t, fromAddressBook(), { from: 'target', components: () => book(known) })
  trial.give()
  await trial.rest()

  const [candidate] = trial.outputs.at(-1)?.candidates ?? []
  t.deepEqual(said(trial), ['1'])
  t.true(candidate?.isCertified)
  t.deepEqual(candidate?.provenance, known.provenance)
})

test('fromAddressBook() lists addresses that the book learns during the dial', async t => {
  const known: KnownAddress[] = [{ multiaddr: ADDRESS, isCertified: false, provenance: [{ source: 'dht' }] }]
  const trial = tryOut(t, fromAddressBook(), { from: 'target', components: () => ({ addressBook: { query: () => known } }) })
  trial.give()
  await trial.settle()
  known.push({ multiaddr: multiaddr('/ip4/203.0.113.2/tcp/4001'), isCertified: false, provenance: [{ source: 'dht' }] })
  trial.target.invalidate()
  await trial.settle()

  t.deepEqual(said(trial), ['1', '1 2'])
  t.is(trial.outputs[0]?.candidates[0], trial.outputs[1]?.candidates[0])
})

test('fromAddressBook() lists nothing without a book', async t => {
  const trial = tryOut(t, fromAddressBook(), { from: 'target' })
  trial.give()
  await trial.settle()
  t.deepEqual(said(trial), [''])
})

test('fromAddressBook() and fromPeerStore() merge an address into one candidate with both sources', async t => {
  const both = pipeline(fromAddressBook(), fromPeerStore(), certified())
  const peerRecordEnvelope = await recordOf(PEER, [ADDRESS])
  const trial = tryOut(t, both, {
    from: 'target',
    components: () => ({
      ...book({ multiaddr: ADDRESS, isCertified: false, provenance: [{ source: 'dht', reporter: 'a' }, { source: 'dht', reporter: 'b' }] }),
      stored: [{ multiaddr: ADDRESS, isCertified: true }],
      peerRecordEnvelope
    })
  })
  trial.give()
  await trial.rest()

  const candidates = trial.outputs.at(-1)?.candidates ?? []
  t.is(short(candidates), '1')
  t.true(candidates[0]?.isCertified)
  t.deepEqual(candidates[0]?.provenance.map(({ source }) => source), ['dht', 'dht', 'certified'])
})
