import test from 'ava'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { isSameRecord } from '../../src/records/open-record.ts'
import { sealRecord } from '../../src/records/seal-record.ts'
import { legacy, seal } from './sealed.ts'

const key = await generateKeyPair('Ed25519')

async function record (seq: bigint, address = '/ip4/1.2.3.4/tcp/1'): Promise<Uint8Array> {
  return sealRecord(key, { multiaddrs: [multiaddr(address)], seq })
}

test('isSameRecord() is false for records of the same seq with different addresses', async t => {
  t.false(isSameRecord(await record(5n, '/ip4/1.2.3.4/tcp/1'), await record(5n, '/ip4/1.2.3.4/tcp/2')))
  t.true(isSameRecord(await record(5n), await record(5n)))
})

test('isSameRecord() ignores unknown fields added to an envelope', async t => {
  const known = await record(5n)
  t.true(isSameRecord(known, Uint8Array.from([...known, 0xfa, 0x01, 1, 0])))
})

test('isSameRecord() is true for a record signed again under the RFC\'s domain', async t => {
  t.true(isSameRecord(await seal(key, { seq: 5n }), await seal(key, { ...legacy, seq: 5n })))
})
