import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { VerifiedRecords } from '../../src/records/verified-records.ts'
import { newPeer, recordOf } from '../helpers/signing-peer.ts'
import type { PeerId } from '@libp2p/interface'

const at = (n: number) => multiaddr(`/ip4/203.0.113.${n}/tcp/4001`)
const idOf = (peer: PeerId, n: number): string => `${at(n).toString()}/p2p/${peer.toString()}`

test('a signed record proves the addresses that it names', async t => {
  const peer = await newPeer()
  const proof = await new VerifiedRecords().of(peer, await recordOf(peer, [at(1), at(2)]))
  t.deepEqual([...proof?.ids ?? []], [idOf(peer, 1), idOf(peer, 2)])
  t.true((proof?.seq ?? 0n) > 1_000_000_000_000n)
})

test('a changed, oversized, foreign or missing record proves nothing', async t => {
  const [peer, other] = await Promise.all([newPeer(), newPeer()])
  const records = new VerifiedRecords()
  const record = await recordOf(peer, [at(1)])

  // one byte of the key, of the address and of the signature
  for (const i of [20, 90, record.length - 1]) {
    const changed = Uint8Array.from(record)
    changed[i] = (changed[i] as number) ^ 1
    t.is(await records.of(peer, changed), undefined, `byte ${i}`)
  }

  // a record over the limit is not cached
  t.is(records.of(peer, new Uint8Array(8_193)), undefined)

  for (const bytes of [undefined, new Uint8Array(), 'a text' as any, await recordOf(other, [at(1)])]) {
    t.is(await records.of(peer, bytes), undefined)
  }
})

test('a record with a lower seq than required proves nothing, also after it was verified', async t => {
  const peer = await newPeer()
  const records = new VerifiedRecords()
  const record = await recordOf(peer, [at(1)])
  const seq = (await records.of(peer, record))?.seq ?? 0n

  for (const known of [records, new VerifiedRecords()]) {
    t.is(await known.of(peer, record, seq + 1n), undefined)
    t.is((await known.of(peer, record, seq))?.seq, seq)
  }
})

test('a record is verified once, and another of the same peer again', async t => {
  const peer = await newPeer()
  const records = new VerifiedRecords()
  const [first, second] = [await recordOf(peer, [at(1)]), await recordOf(peer, [at(2)])]
  const pending = records.of(peer, first)
  t.true(pending instanceof Promise)
  t.is(records.of(peer, Uint8Array.from(first)), pending)
  const proof = await pending
  t.is(records.of(peer, Uint8Array.from(first)), proof)
  t.false(proof instanceof Promise)

  t.deepEqual([...(await records.of(peer, second))?.ids ?? []], [idOf(peer, 2)])
  t.true(records.of(peer, first) instanceof Promise)
})

test('a record that proves nothing is verified only once', async t => {
  const [peer, other] = await Promise.all([newPeer(), newPeer()])
  const records = new VerifiedRecords()
  const record = await recordOf(other, [at(1)])
  t.true(records.of(peer, record) instanceof Promise)
  await records.of(peer, record)
  t.is(records.of(peer, record), undefined)
})

test('overwriting the bytes of a record during verification does not change the result', async t => {
  const peer = await newPeer()
  const records = new VerifiedRecords()
  const record = await recordOf(peer, [at(1)])
  const copy = Uint8Array.from(record)
  const pending = records.of(peer, record)
  record.fill(0)
  t.is((await pending)?.ids.size, 1)
  t.false(records.of(peer, copy) instanceof Promise)
})

test('the results for the 1,000 to 2,000 peers asked for last are cached', async t => {
  const peers = await Promise.all(Array.from({ length: 2_001 }, newPeer))
  const [first, second] = peers as [PeerId, PeerId]
  const records = new VerifiedRecords()
  // invalid bytes, which are refused without a signature check
  const bytes = new Uint8Array(8)
  await Promise.all(peers.slice(0, 1_000).map(async peer => records.of(peer, bytes)))
  t.is(records.of(first, bytes), undefined)

  peers.slice(1_000).forEach(peer => { void records.of(peer, bytes) })
  t.is(records.of(first, bytes), undefined)
  t.true(records.of(second, bytes) instanceof Promise)
})
