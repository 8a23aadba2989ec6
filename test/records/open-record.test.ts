import { readFile } from 'node:fs/promises'
import test from 'ava'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import { writer } from 'protons-runtime'
import { MAX_RECORD_ADDRESSES, MAX_RECORD_SIZE, openRecord } from '../../src/records/open-record.ts'
import { readPeerRecord } from '../../src/records/peer-record.ts'
import { deployed, legacy, seal } from './sealed.ts'
import type { OpenedRecord } from '../../src/records/open-record.ts'
import type { RefusalReason, SignedRecord } from '../../src/records/types.ts'
import type { PrivateKey } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

interface Vector {
  name: string
  envelopeHex?: string
  payloadHex?: string
  opensTo: { peerId?: string, seq?: string, addrs?: string[] }
}

const vectors = JSON.parse(await readFile(new URL('vectors/peer-records.json', import.meta.url), 'utf8')) as Vector[]
const key = await generateKeyPair('Ed25519')
const peerId = peerIdFromPrivateKey(key)
const other = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
const address = multiaddr('/ip4/1.2.3.4/tcp/4001')

for (const { name, envelopeHex, opensTo: { peerId, seq, addrs } } of vectors) {
  if (envelopeHex == null) {
    continue
  }

  const bytes = Buffer.from(envelopeHex, 'hex')

  if (peerId == null) {
    test(`openRecord() refuses ${name} as wrong-type`, async t => {
      refuses(t, await openRecord(bytes), 'wrong-type')
    })
  } else {
    test(`openRecord() opens ${name}`, async t => {
      const record = opens(t, await openRecord(bytes, { expectedPeer: peerIdFromString(peerId) }))

      t.is(record.peerId.toString(), peerId)
      t.is(record.seq, BigInt(seq ?? ''))
      t.deepEqual(written(record), addrs)
      t.deepEqual(record.skipped, [])
      t.false(record.isLegacy)
      t.deepEqual(record.envelope, Uint8Array.from(bytes))
    })
  }
}

test('readPeerRecord() reads go-libp2p\'s record without an envelope', t => {
  const { payloadHex = '', opensTo } = vectors.find(({ name }) => name === 'go-record-payload-2addr') as Vector
  const { seq, addresses } = readPeerRecord(Buffer.from(payloadHex, 'hex'))

  t.is(seq, BigInt(opensTo.seq ?? ''))
  t.is(addresses.length, 2)
})

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

test('openRecord() refuses a record of an ECDSA key as unsupported-key', async t => {
  const ecdsa = await generateKeyPair('ECDSA')

  refuses(t, await openRecord(await seal(ecdsa, { peerId: peerId.toMultihash().bytes })), 'unsupported-key')
})

test('openRecord() opens a record with the RFC\'s domain and type, and marks it as legacy', async t => {
  const record = opens(t, await openRecord(await seal(key, { ...legacy, addresses: [address.bytes] })))

  t.true(record.isLegacy)
  t.deepEqual(written(record), [address.toString()])
})

for (const seq of [0n, 1_711_779_677n, 1_763_097_785_200n, 1_636_553_709_551_319_707n, 2n ** 64n - 1n]) {
  test(`openRecord() reads seq ${seq}`, async t => {
    t.is(opens(t, await openRecord(await seal(key, { seq }))).seq, seq)
  })
}

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

test('openRecord() strips the peer\'s own id from addresses and deduplicates them', async t => {
  const record = await openAddresses(key,
    `/ip4/1.2.3.4/tcp/1/p2p/${peerId}`,
    '/ip4/1.2.3.4/tcp/1',
    `/ip4/1.2.3.4/tcp/2/p2p/${other}/p2p-circuit/p2p/${peerId}`,
    `/ip4/1.2.3.4/tcp/3/p2p/${other}/p2p-circuit`
  )

  t.deepEqual(record.multiaddrs, ['/ip4/1.2.3.4/tcp/1', `/ip4/1.2.3.4/tcp/2/p2p/${other}/p2p-circuit`, `/ip4/1.2.3.4/tcp/3/p2p/${other}/p2p-circuit`])
  t.deepEqual(record.skipped, ['duplicate'])
})

test('openRecord() skips addresses that lead to another peer', async t => {
  const record = await openAddresses(key,
    `/ip4/1.2.3.4/tcp/1/p2p/${other}`,
    `/ip4/1.2.3.4/tcp/2/p2p/${peerId}/p2p-circuit/p2p/${other}`,
    `/ip4/1.2.3.4/tcp/3/p2p/${other}/ws`,
    `/p2p/${other}`,
    '/ip4/1.2.3.4/tcp/4'
  )

  t.deepEqual(record.multiaddrs, ['/ip4/1.2.3.4/tcp/4'])
  t.deepEqual(record.skipped, ['other-peer', 'other-peer', 'other-peer', 'other-peer'])
})

test('openRecord() skips empty addresses', async t => {
  const record = opens(t, await openRecord(await seal(key, { addresses: [Uint8Array.of(), multiaddr(`/p2p/${peerId}`).bytes, address.bytes] })))

  t.deepEqual(written(record), [address.toString()])
  t.deepEqual(record.skipped.map(({ reason }) => reason), ['empty', 'empty'])
})

test('openRecord() ignores unknown fields beside an address', async t => {
  const payload = writer()
  payload.uint32(0x0a).bytes(peerId.toMultihash().bytes)
  payload.uint32(0x10).uint64(1n)
  payload.uint32(0x1a).fork()
  payload.uint32(0x12).string('text')
  payload.uint32(0x0a).bytes(address.bytes)
  payload.uint32(0x18).uint64(300n)
  payload.ldelim()
  t.deepEqual(written(opens(t, await openRecord(await seal(key, { payload: payload.finish() })))), [address.toString()])
})

test('openRecord() skips addresses that do not parse or are not canonical', async t => {
  const unparsable = {
    'an unknown protocol': [0xff, 0x7f, 1, 2, 3],
    'a short IP address': [4, 1, 2],
    'a short port, which is read on beyond the end': [4, 1, 2, 3, 4, 6, 0x0f],
    'a name shorter than its length': [54, 100, 97, 98],
    'a name without a value': [54, 0, 6, 0, 1],
    'a name with a slash': [54, 11, ...new TextEncoder().encode('a/tcp/1/tls')],
    'a name that is not UTF-8': [54, 2, 0xc3, 0x28, 6, 0, 1]
  }

  for (const [what, bytes] of Object.entries(unparsable)) {
    const record = opens(t, await openRecord(await seal(key, { addresses: [Uint8Array.from(bytes), address.bytes] })))

    t.deepEqual(written(record), [address.toString()], what)
    t.deepEqual(record.skipped.map(({ reason }) => reason), ['unparsable'], what)
    t.true(record.skipped.every(({ text }) => text !== ''))
  }
})

test('openRecord() skips a broken address message and keeps the others', async t => {
  const payload = Uint8Array.from([0x0a, 38, ...peerId.toMultihash().bytes, 0x1a, 2, 0x0a, 9, 0x1a, address.bytes.length + 2, 0x0a, address.bytes.length, ...address.bytes])
  const record = opens(t, await openRecord(await seal(key, { payload })))

  t.deepEqual(written(record), [address.toString()])
  t.deepEqual(record.skipped.map(({ reason }) => reason), ['unparsable'])
})

test('openRecord() copies the bytes, so that the caller may overwrite them', async t => {
  const sealed = await seal(key, { addresses: [address.bytes] })
  const buffer = Buffer.from(sealed)
  const opening = openRecord(buffer)

  buffer.fill(0)
  const record = opens(t, await opening)

  t.deepEqual(record.envelope, sealed)
  t.deepEqual(written(record), [address.toString()])
})

function opens (t: ExecutionContext, opened: OpenedRecord): SignedRecord {
  if (opened.status === 'refused') {
    throw new Error(`${opened.reason}: ${opened.text}`)
  }

  t.pass()

  return opened.record
}

function refuses (t: ExecutionContext, opened: OpenedRecord, reason: RefusalReason): void {
  t.is(opened.status, 'refused')

  if (opened.status === 'refused') {
    t.is(opened.reason, reason, opened.text)
    t.not(opened.text, '')
  }
}

function written (record: SignedRecord): string[] {
  return record.multiaddrs.map(String)
}

async function openAddresses (key: PrivateKey, ...addresses: string[]): Promise<{ multiaddrs: string[], skipped: string[] }> {
  const opened = await openRecord(await seal(key, { addresses: addresses.map(address => multiaddr(address).bytes) }))

  if (opened.status === 'refused') {
    throw new Error(opened.text)
  }

  return { multiaddrs: written(opened.record), skipped: opened.record.skipped.map(({ reason }) => reason) }
}

function varint (n: number): number[] {
  return [(n & 0x7f) | 0x80, n >> 7]
}
