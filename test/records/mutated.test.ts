import test from 'ava'
import { fc, testProp } from '@fast-check/ava'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { reader, writer } from 'protons-runtime'
import { openRecord } from '../../src/records/open-record.ts'
import { dose } from '../support/dose.ts'
import { deployed, legacy, seal } from './sealed.ts'
import type { OpenedRecord } from '../../src/records/open-record.ts'

/** A field of a protobuf message with its encoding */
interface Field {
  tag: number
  value: Uint8Array | bigint
}

const originals = await Promise.all([
  ...(['Ed25519', 'secp256k1', 'RSA'] as const).flatMap(type => [deployed, legacy].map(async (kind, i) => seal(await generateKeyPair(type), {
    ...kind,
    seq: BigInt(i) + 1_763_097_785_200n,
    addresses: ['/ip4/1.2.3.4/tcp/4001', '/ip6/2a00::1/udp/4001/quic-v1', '/dns4/example.com/tcp/443/tls/ws'].map(address => multiaddr(address).bytes)
  }))),
  // two records of one key, whose parts the mutations may swap
  ...await generateKeyPair('Ed25519').then(key => ['/ip4/1.1.1.1/tcp/1', '/ip4/2.2.2.2/tcp/2'].map(async address => seal(key, { addresses: [multiaddr(address).bytes] })))
])

const signed = new Set((await Promise.all(originals.map(async bytes => openRecord(bytes)))).map(saysOf))

const original = fc.constantFrom(...originals)

const flipped = fc.tuple(original, fc.array(fc.nat(), { minLength: 1, maxLength: 4 })).map(([bytes, flips]) => {
  const mutated = Uint8Array.from(bytes)

  for (const flip of flips) {
    const bit = flip % (mutated.length * 8)
    mutated[bit >> 3] = Number(mutated[bit >> 3]) ^ (1 << (bit & 7))
  }

  return mutated
})

const cut = fc.tuple(original, fc.nat(), fc.nat()).map(([bytes, a, b]) => bytes.subarray(Math.min(a % bytes.length, b % bytes.length), Math.max(a % bytes.length, b % bytes.length)))

const spliced = fc.tuple(original, original, fc.nat(), fc.nat(), fc.uint8Array({ maxLength: 20 })).map(([head, tail, a, b, between]) => {
  return Uint8Array.from([...head.subarray(0, a % head.length), ...between, ...tail.subarray(b % tail.length)])
})

const rewritten = fc.tuple(original, original, fc.array(fc.record({
  operation: fc.constantFrom('drop', 'double', 'swap', 'take', 'retag', 'replace', 'add', 'inside'),
  at: fc.nat(),
  to: fc.nat(),
  tag: fc.oneof(fc.nat(60), fc.constantFrom(0x0a, 0x12, 0x1a, 0x2a, 0x10)),
  bytes: fc.uint8Array({ maxLength: 40 })
}), { minLength: 1, maxLength: 4 })).map(([bytes, other, edits]) => {
  const fields = edits.reduce((fields, edit) => edited(fields, fieldsOf(other), edit), fieldsOf(bytes))

  return bytesOf(fields)
})

const mutated = fc.oneof(flipped, cut, spliced, rewritten, { arbitrary: fc.uint8Array({ maxLength: 300 }), weight: 1 })

test('the records to mutate are all different and valid', t => {
  t.is(signed.size, originals.length)
  t.false(signed.has('refused'))
})

test('bytesOf(fieldsOf()) returns the original bytes', t => {
  for (const bytes of originals) {
    t.deepEqual(bytesOf(fieldsOf(bytes)), bytes)
  }
})

const opened = { intact: 0, refused: new Set<string>() }

testProp('a mutated record never throws, and opens only to content that its signer signed', [mutated], async (t, bytes) => {
  const result = await openRecord(bytes)

  if (result.status === 'refused') {
    opened.refused.add(result.reason)
    t.not(result.text, '')
  } else {
    opened.intact++
    t.true(signed.has(saysOf(result)), saysOf(result))
  }
}, { numRuns: dose(10_000) })

test.after('the mutations produced intact records and each kind of refusal', t => {
  t.true(opened.intact > dose(100, 10), `${opened.intact} opened`)
  t.deepEqual(['bad-signature', 'malformed', 'wrong-signer', 'wrong-type'].filter(reason => !opened.refused.has(reason)), [])
})

const wire = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constantFrom('/ip4/1.2.3.4/tcp/4001', '/dns4/a.b/tcp/443/tls/ws', '/ip6/::1/udp/1').chain(address => {
  const { bytes } = multiaddr(address)

  return fc.tuple(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length)).map(([at, byte, length]) => Uint8Array.from(bytes, (old, i) => i === at ? byte : old).subarray(0, length))
}))

const key = await generateKeyPair('Ed25519')

testProp('an address that openRecord() returns has exactly the signed bytes', [fc.array(wire, { maxLength: 5 })], async (t, addresses) => {
  const result = await openRecord(await seal(key, { addresses }))

  if (result.status === 'refused') {
    t.fail(result.text)
    return
  }

  const { multiaddrs, skipped } = result.record
  t.is(multiaddrs.length + skipped.length, addresses.length)

  for (const address of multiaddrs) {
    t.true(addresses.some(bytes => address.equals({ bytes })), address.toString())
    t.true(multiaddr(address.toString()).equals(address))
  }
}, { numRuns: dose(1_000) })

function saysOf (opened: OpenedRecord): string {
  if (opened.status === 'refused') {
    return opened.status
  }

  const { peerId, seq, multiaddrs } = opened.record

  return [peerId, seq, ...multiaddrs].join(' ')
}

function edited (fields: Field[], others: Field[], { operation, at, to, tag, bytes }: { operation: string, at: number, to: number, tag: number, bytes: Uint8Array }): Field[] {
  const i = at % Math.max(fields.length, 1)
  const j = to % Math.max(fields.length, 1)
  const field = fields[i]

  if (field == null || operation === 'add') {
    return fields.toSpliced(i, 0, { tag: (tag & ~7) | 2, value: bytes })
  }

  switch (operation) {
    case 'drop':
      return fields.toSpliced(i, 1)
    case 'double':
      return fields.toSpliced(j, 0, field)
    case 'swap':
      return fields.with(i, fields[j] as Field).with(j, field)
    case 'take':
      return fields.with(i, others[to % others.length] as Field)
    case 'retag':
      return fields.with(i, { ...field, tag: (tag & ~7) | (field.tag & 7) })
    case 'replace':
      return fields.with(i, { ...field, value: field.value instanceof Uint8Array ? bytes : BigInt(to) })
    default:
      return fields.with(i, { ...field, value: inside(field.value, { at: to, to: at, tag, bytes }) })
  }
}

/** Edits a nested message, for example the record in the envelope */
function inside (value: Uint8Array | bigint, edit: { at: number, to: number, tag: number, bytes: Uint8Array }): Uint8Array | bigint {
  try {
    const fields = value instanceof Uint8Array ? fieldsOf(value) : []
    const operations = ['drop', 'double', 'swap', 'replace', 'add', 'inside']

    return fields.length === 0 ? value : bytesOf(edited(fields, fields, { ...edit, operation: operations[edit.tag % operations.length] ?? 'drop' }))
  } catch {
    return value
  }
}

function fieldsOf (bytes: Uint8Array): Field[] {
  const fields: Field[] = []
  const message = reader(bytes)

  while (message.pos < message.len) {
    const tag = message.uint32()

    if ((tag & 7) !== 0 && (tag & 7) !== 2) {
      throw new RangeError(`wire type ${tag & 7}`)
    }

    fields.push({ tag, value: (tag & 7) === 0 ? message.uint64() : message.bytes() })
  }

  return fields
}

function bytesOf (fields: readonly Field[]): Uint8Array {
  const message = writer()

  for (const { tag, value } of fields) {
    message.uint32(tag)

    if (typeof value === 'bigint') {
      message.uint64(value)
    } else {
      message.bytes(value)
    }
  }

  return message.finish()
}
