import test from 'ava'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import { MAX_RECORD_ADDRESSES, openRecord } from '../../src/records/open-record.ts'
import { sealRecord } from '../../src/records/seal-record.ts'
import type { SealRecordInit } from '../../src/records/types.ts'
import type { PrivateKey } from '@libp2p/interface'

const addresses = ['/ip4/1.2.3.4/tcp/4001', '/dns4/example.com/tcp/443/tls/ws', '/ip6/2a00::1/udp/4001/quic-v1']
const multiaddrs = addresses.map(address => multiaddr(address))
const seq = 1_763_097_785_200n

for (const type of ['Ed25519', 'secp256k1', 'RSA'] as const) {
  test(`a record sealed with a ${type} key opens here and in @libp2p/peer-record`, async t => {
    const key = await generateKeyPair(type)
    const peerId = peerIdFromPrivateKey(key)
    const sealed = await sealRecord(key, { multiaddrs: multiaddrs.map(address => address.encapsulate(`/p2p/${peerId}`)), seq })

    const { payload, publicKey } = await RecordEnvelope.openAndCertify(sealed, PeerRecord.DOMAIN)
    const theirs = PeerRecord.createFromProtobuf(payload)
    t.true(publicKey.equals(key.publicKey))
    t.true(theirs.peerId.equals(peerId))
    t.is(theirs.seqNumber, seq)
    t.deepEqual(theirs.multiaddrs.map(String), addresses)

    const ours = await openRecord(sealed, { expectedPeer: peerId })
    t.is(ours.status, 'opened')
    if (ours.status === 'opened') {
      t.is(ours.record.seq, seq)
      t.deepEqual(ours.record.multiaddrs.map(String), addresses)
      t.deepEqual(ours.record.skipped, [])
    }
  })
}

test('sealRecord() with an Ed25519 key returns the same bytes as @libp2p/peer-record', async t => {
  const key = await generateKeyPair('Ed25519')
  const record = new PeerRecord({ peerId: peerIdFromPrivateKey(key), multiaddrs, seqNumber: seq })

  t.deepEqual(await sealRecord(key, { multiaddrs, seq }), (await RecordEnvelope.seal(record, key)).marshal())
})

test('sealRecord() accepts no addresses and any 64-bit seq', async t => {
  const key = await generateKeyPair('Ed25519')

  for (const seq of [0n, 2n ** 64n - 1n]) {
    const opened = await openRecord(await sealRecord(key, { multiaddrs: [], seq }))

    t.like(opened, { status: 'opened', record: { seq, multiaddrs: [] } })
  }
})

async function seqOf (key: PrivateKey, init: Partial<SealRecordInit> = {}): Promise<bigint> {
  const opened = await openRecord(await sealRecord(key, { multiaddrs, ...init }))

  return opened.status === 'opened' ? opened.record.seq : -1n
}

test('sealRecord() without a seq uses the time in milliseconds', async t => {
  const before = BigInt(Date.now())
  const seq = await seqOf(await generateKeyPair('Ed25519'))
  t.true(seq >= before && seq < before + 60_000n, `${seq}, from ${before} on`)
})

test('sealRecord() without a seq always increases, also within a millisecond and for a copy of the key', async t => {
  const key = await generateKeyPair('Ed25519')
  const same = privateKeyFromProtobuf(privateKeyToProtobuf(key))
  const seqs = await Promise.all([key, same, key, key, same].map(async one => seqOf(one)))
  t.deepEqual(seqs, [...new Set(seqs)].toSorted((a, b) => Number(a - b)))
})

test('sealRecord() without a seq is higher than earlier explicit seqs of the same key', async t => {
  const [key, other] = await Promise.all([generateKeyPair('Ed25519'), generateKeyPair('Ed25519')])
  const nanoseconds = BigInt(Date.now()) * 1_000_000n
  t.is(await seqOf(key, { seq: nanoseconds }), nanoseconds)
  t.is(await seqOf(key), nanoseconds + 1n)
  t.is(await seqOf(key, { seq: 1n }), 1n)
  t.is(await seqOf(key), nanoseconds + 2n)
  t.true(await seqOf(other) < nanoseconds)
})

test('sealRecord() throws for a record that would not open', async t => {
  const key = await generateKeyPair('Ed25519')
  const other = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  const many = Array.from({ length: MAX_RECORD_ADDRESSES + 1 }, (_, i) => multiaddr(`/ip4/1.2.3.4/tcp/${i + 1}`))
  const long = Array.from({ length: MAX_RECORD_ADDRESSES }, (_, i) => multiaddr(`/dns4/${'a'.repeat(200)}/tcp/${i + 1}`))

  await t.throwsAsync(sealRecord(await generateKeyPair('ECDSA'), { multiaddrs, seq }), { name: 'UnsupportedKeyTypeError' })

  for (const init of [
    { multiaddrs, seq: -1n },
    { multiaddrs, seq: 2n ** 64n },
    { multiaddrs: many, seq },
    { multiaddrs: long, seq },
    { multiaddrs: [multiaddr(`/ip4/1.2.3.4/tcp/1/p2p/${other}`)], seq }
  ]) {
    await t.throwsAsync(sealRecord(key, init), { name: 'InvalidParametersError' })
  }
})
