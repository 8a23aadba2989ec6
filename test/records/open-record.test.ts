import test from 'ava'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { openRecord } from '../../src/records/open-record.ts'
import { legacy, seal } from './sealed.ts'
import { address, key, opens, written } from './record-assertions.ts'

for (const type of ['Ed25519', 'secp256k1', 'RSA'] as const) {
  test(`openRecord() opens a record that @libp2p/peer-record sealed with a ${type} key`, async t => {
    const key = await generateKeyPair(type)
    const peerId = peerIdFromPrivateKey(key)
    const envelope = await RecordEnvelope.seal(new PeerRecord({ peerId, multiaddrs: [address], seqNumber: 7n }), key)
    const record = opens(t, await openRecord(envelope.marshal(), { expectedPeer: peerId }))

    t.true(record.peerId.equals(peerId))
    t.true(record.peerId.publicKey?.equals(key.publicKey))
    t.is(record.seq, 7n)
    t.deepEqual(written(record), [address.toString()])
  })
}

test('openRecord() opens a record with the RFC\'s domain and type', async t => {
  const record = opens(t, await openRecord(await seal(key, { ...legacy, addresses: [address.bytes] })))

  t.deepEqual(written(record), [address.toString()])
})

for (const seq of [0n, 1_711_779_677n, 1_763_097_785_200n, 1_636_553_709_551_319_707n, 2n ** 64n - 1n]) {
  test(`openRecord() reads seq ${seq}`, async t => {
    t.is(opens(t, await openRecord(await seal(key, { seq }))).seq, seq)
  })
}

test('openRecord() copies the bytes, so that the caller may overwrite them', async t => {
  const sealed = await seal(key, { addresses: [address.bytes] })
  const buffer = Buffer.from(sealed)
  const opening = openRecord(buffer)

  buffer.fill(0)
  const record = opens(t, await opening)

  t.deepEqual(record.envelope, sealed)
  t.deepEqual(written(record), [address.toString()])
})
