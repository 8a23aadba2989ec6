import { fc, testProp } from '@fast-check/ava'
import { decodeRecord, encodeRecord } from '../../src/datastore/record-format.ts'
import { dose } from '../support/dose.ts'

const json = fc.jsonValue().filter(value => !Object.is(value, -0))

testProp('decodeRecord() returns the value that was encoded', [json, fc.string(), fc.nat(255)], (t, value, key, version) => {
  t.deepEqual(decodeRecord(version, key, encodeRecord(version, key, value)), JSON.parse(JSON.stringify(value)))
}, { numRuns: dose(300) })

testProp('decodeRecord() reads a subarray of a larger buffer', [json, fc.nat(20)], (t, value, offset) => {
  const bytes = encodeRecord(1, 'key', value)
  const buffer = new Uint8Array(bytes.length + 40)
  buffer.set(bytes, offset)
  t.deepEqual(decodeRecord(1, 'key', buffer.subarray(offset, offset + bytes.length)), JSON.parse(JSON.stringify(value)))
}, { numRuns: dose(100) })

testProp('decodeRecord() throws for another version, another key and truncated bytes', [json, fc.nat(255), fc.nat(255), fc.nat(100)], (t, value, version, other, cut) => {
  const bytes = encodeRecord(version, 'key', value)
  fc.pre(version !== other)
  t.throws(() => decodeRecord(other, 'key', bytes), { message: 'not a record of this version and key' })
  t.throws(() => decodeRecord(version, 'another key', bytes), { message: 'not a record of this version and key' })
  t.throws(() => decodeRecord(version, 'key', bytes.subarray(0, Math.min(cut, bytes.length - 1))), { message: 'not a record of this version and key' })
}, { numRuns: dose(300) })
