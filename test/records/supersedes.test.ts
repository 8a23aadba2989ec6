import test from 'ava'
import { fc, testProp } from '@fast-check/ava'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { openRecord } from '../../src/records/open-record.ts'
import { sealRecord } from '../../src/records/seal-record.ts'
import { supersedes } from '../../src/records/supersedes.ts'
import { legacy, seal } from './sealed.ts'
import type { SignedRecord } from '../../src/records/types.ts'
import type { PrivateKey } from '@libp2p/interface'

const key = await generateKeyPair('Ed25519')

test('the first record of a peer is newer than none', async t => {
  t.deepEqual(supersedes(undefined, await record(key, 0n)), { verdict: 'newer' })
})

testProp('a record of greater seq is newer, one of less is replayed, of whatever unit', [fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 64n - 1n)], (t, known, next) => {
  const { verdict } = supersedes(sealed(known, 1), sealed(next, known === next ? 1 : 2))

  t.is(verdict, next > known ? 'newer' : next < known ? 'replayed' : 'same')
})

test('a replayed record is refused with a reason', t => {
  t.deepEqual(supersedes(sealed(1_711_779_677n, 1), sealed(1_711_779_676n, 1)), { verdict: 'replayed', text: 'seq 1711779676 is less than 1711779677, which is known' })
})

test('a key moved from go to js or rust counts from the start: its records are replayed', t => {
  const [s, ms, ns] = [1_763_097_785n, 1_763_097_785_200n, 1_763_097_785_200_000_000n]

  t.is(supersedes(sealed(ns, 1), sealed(ms, 2)).verdict, 'replayed')
  t.is(supersedes(sealed(ms, 1), sealed(s, 2)).verdict, 'replayed')
  t.is(supersedes(sealed(s, 1), sealed(ns, 2)).verdict, 'newer')
})

test('out of order, only the newest of four stays', async t => {
  let known: SignedRecord | undefined
  const verdicts: string[] = []

  for (const seq of [3n, 1n, 4n, 2n, 4n]) {
    const next = await record(key, seq)
    const { verdict } = supersedes(known, next)

    verdicts.push(verdict)
    known = verdict === 'newer' ? next : known
  }

  t.deepEqual(verdicts, ['newer', 'replayed', 'newer', 'replayed', 'same'])
  t.is(known?.seq, 4n)
})

test('two records of one seq conflict', async t => {
  t.deepEqual(supersedes(await record(key, 5n, '/ip4/1.2.3.4/tcp/1'), await record(key, 5n, '/ip4/1.2.3.4/tcp/2')), { verdict: 'conflicting', text: 'another record of seq 5 is known' })
})

test('an envelope that somebody added to on the way is the same record', async t => {
  const known = await record(key, 5n)
  const padded = await open(Uint8Array.from([...known.envelope, 0xfa, 0x01, 1, 0]))

  t.notDeepEqual(padded.envelope, known.envelope)
  t.deepEqual(supersedes(known, padded), { verdict: 'same' })
})

test('what is signed again under the domain of the RFC is the same record', async t => {
  const [a, b] = [await open(await seal(key, { seq: 5n })), await open(await seal(key, { ...legacy, seq: 5n }))]

  t.deepEqual(supersedes(a, b), { verdict: 'same' })
})

function sealed (seq: bigint, byte: number): Pick<SignedRecord, 'seq' | 'envelope'> {
  return { seq, envelope: Uint8Array.of(byte) }
}

async function record (key: PrivateKey, seq: bigint, address = '/ip4/1.2.3.4/tcp/1'): Promise<SignedRecord> {
  return open(await sealRecord(key, { multiaddrs: [multiaddr(address)], seq }))
}

async function open (envelope: Uint8Array): Promise<SignedRecord> {
  const opened = await openRecord(envelope)

  if (opened.status === 'refused') {
    throw new Error(opened.text)
  }

  return opened.record
}
