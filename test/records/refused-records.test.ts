import test from 'ava'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { MAX_RECORD_ADDRESSES, MAX_RECORD_SIZE, openRecord } from '../../src/records/open-record.ts'
import { deployed, legacy, seal } from './sealed.ts'
import { address, key, opens, other, peerId, refuses } from './record-assertions.ts'

function varint (n: number): number[] {
  return [(n & 0x7f) | 0x80, n >> 7]
}

test('openRecord() refuses a record of an ECDSA key as unsupported-key', async t => {
  const ecdsa = await generateKeyPair('ECDSA')

  refuses(t, await openRecord(await seal(ecdsa, { peerId: peerId.toMultihash().bytes })), 'unsupported-key')
})

test('openRecord() refuses a domain with the type of another as bad-signature', async t => {
  refuses(t, await openRecord(await seal(key, { domain: legacy.domain, payloadType: deployed.payloadType })), 'bad-signature')
  refuses(t, await openRecord(await seal(key, { domain: deployed.domain, payloadType: legacy.payloadType })), 'bad-signature')
  refuses(t, await openRecord(await seal(key, { domain: 'libp2p-testing' })), 'bad-signature')
})

test('openRecord() refuses any other payload type, also 0x0301 as a varint and an empty one', async t => {
  for (const payloadType of [Uint8Array.of(0x81, 0x06), Uint8Array.of(), Uint8Array.of(0x03), Uint8Array.of(0x03, 0x01, 0x00)]) {
    refuses(t, await openRecord(await seal(key, { payloadType })), 'wrong-type')
  }
})

test('openRecord() refuses a record of another peer than the signer as wrong-signer', async t => {
  refuses(t, await openRecord(await seal(key, { peerId: other.toMultihash().bytes })), 'wrong-signer')
  refuses(t, await openRecord(await seal(key, { peerId: Uint8Array.of() })), 'wrong-signer')
  refuses(t, await openRecord(await seal(key, { payload: Uint8Array.of() })), 'wrong-signer')
})

test('openRecord() refuses a record of another peer than expectedPeer', async t => {
  refuses(t, await openRecord(await seal(key), { expectedPeer: other }), 'unexpected-peer')
  opens(t, await openRecord(await seal(key), { expectedPeer: peerId }))
})

test('openRecord() refuses bytes that are not an envelope with a record as malformed', async t => {
  const sealed = await seal(key, { addresses: [address.bytes] })

  for (const bytes of [Uint8Array.of(), Uint8Array.of(0xff), new Uint8Array(100), sealed.subarray(10), await seal(key, { payload: Uint8Array.of(0x0a, 0x7f) }), await seal(key, { payload: Uint8Array.of(0x10, 0x80, 0x80, 0x80) })]) {
    refuses(t, await openRecord(bytes), 'malformed')
  }

  for (const bytes of [null, undefined, 'bytes', 4, {}, [], { get byteLength (): number { throw new Error('no') } }]) {
    refuses(t, await openRecord(bytes as Uint8Array), 'malformed')
  }
})

test('openRecord() refuses a record truncated at any length', async t => {
  const sealed = await seal(key, { addresses: [address.bytes] })

  for (let length = 0; length < sealed.length; length++) {
    t.is((await openRecord(sealed.subarray(0, length))).status, 'refused', `${length} bytes`)
  }
})

test('openRecord() refuses a record over the size limit, and opens one at the limit', async t => {
  const sealed = await seal(key)
  const fill = (size: number): Uint8Array => Uint8Array.from([...sealed, 0xfa, 0x01, ...varint(size - sealed.length - 4), ...new Uint8Array(size - sealed.length - 4)])

  t.is(fill(MAX_RECORD_SIZE).length, MAX_RECORD_SIZE)
  opens(t, await openRecord(fill(MAX_RECORD_SIZE)))
  refuses(t, await openRecord(fill(MAX_RECORD_SIZE + 1)), 'oversized')
})

test('openRecord() refuses a record with too many addresses, and opens one at the limit', async t => {
  const addresses = Array.from({ length: MAX_RECORD_ADDRESSES }, (_, i) => multiaddr(`/ip4/1.2.3.4/tcp/${i + 1}`).bytes)

  t.is(opens(t, await openRecord(await seal(key, { addresses }))).multiaddrs.length, MAX_RECORD_ADDRESSES)
  refuses(t, await openRecord(await seal(key, { addresses: [...addresses, address.bytes] })), 'too-many-addresses')
})

test('openRecord() reports the cheapest of several faults', async t => {
  const payloadType = Uint8Array.of(1)
  const peerId = other.toMultihash().bytes
  const domain = 'libp2p-testing'
  const addresses = Array.from({ length: MAX_RECORD_ADDRESSES + 1 }, () => address.bytes)
  const payload = new Uint8Array(MAX_RECORD_SIZE)

  refuses(t, await openRecord(await seal(key, { payload, payloadType, domain })), 'oversized')
  refuses(t, await openRecord(await seal(key, { payloadType, peerId, domain }), { expectedPeer: other }), 'wrong-type')
  refuses(t, await openRecord(await seal(key, { peerId, addresses, domain }), { expectedPeer: other }), 'wrong-signer')
  refuses(t, await openRecord(await seal(key, { addresses, domain }), { expectedPeer: other }), 'unexpected-peer')
  refuses(t, await openRecord(await seal(key, { addresses, domain })), 'too-many-addresses')
  refuses(t, await openRecord(await seal(key, { domain })), 'bad-signature')
})
