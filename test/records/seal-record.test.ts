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
  test(`what is sealed with a key of type ${type} opens, here and in @libp2p/peer-record`, async t => {
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
      t.false(ours.record.isLegacy)
    }
  })
}

test('an Ed25519 key seals the bytes that @libp2p/peer-record seals', async t => {
  const key = await generateKeyPair('Ed25519')
  const record = new PeerRecord({ peerId: peerIdFromPrivateKey(key), multiaddrs, seqNumber: seq })

  t.deepEqual(await sealRecord(key, { multiaddrs, seq }), (await RecordEnvelope.seal(record, key)).marshal())
})

test('a record may have no addresses, and any seq of 64 bits', async t => {
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

test('a record without a seq counts milliseconds, as those of identify do', async t => {
  const before = BigInt(Date.now())
  const seq = await seqOf(await generateKeyPair('Ed25519'))
  t.true(seq >= before && seq < before + 60_000n, `${seq}, from ${before} on`)
})

test('each record without a seq has a higher one than those before, also of one millisecond and of the same key in another object', async t => {
  const key = await generateKeyPair('Ed25519')
  const same = privateKeyFromProtobuf(privateKeyToProtobuf(key))
  const seqs = await Promise.all([key, same, key, key, same].map(async one => seqOf(one)))
  t.deepEqual(seqs, [...new Set(seqs)].toSorted((a, b) => Number(a - b)))
})

test('a record without a seq is newer than one of the same key with a seq in nanoseconds', async t => {
  const [key, other] = await Promise.all([generateKeyPair('Ed25519'), generateKeyPair('Ed25519')])
  const nanoseconds = BigInt(Date.now()) * 1_000_000n
  t.is(await seqOf(key, { seq: nanoseconds }), nanoseconds)
  t.is(await seqOf(key), nanoseconds + 1n)
  t.is(await seqOf(key, { seq: 1n }), 1n)
  t.is(await seqOf(key), nanoseconds + 2n)
  t.true(await seqOf(other) < nanoseconds)
})

test('what would not open is not sealed', async t => {
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
