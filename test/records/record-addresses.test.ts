import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { writer } from 'protons-runtime'
import { openRecord } from '../../src/records/open-record.ts'
import { seal } from './sealed.ts'
import { address, key, opens, other, peerId, written } from './record-assertions.ts'
import type { ExecutionContext } from 'ava'

async function openAddresses (t: ExecutionContext, ...addresses: string[]): Promise<{ multiaddrs: string[], skipped: string[] }> {
  const record = opens(t, await openRecord(await seal(key, { addresses: addresses.map(address => multiaddr(address).bytes) })))

  return { multiaddrs: written(record), skipped: record.skipped.map(({ reason }) => reason) }
}

test('openRecord() strips the peer\'s own id from addresses and deduplicates them', async t => {
  const record = await openAddresses(t,
    `/ip4/1.2.3.4/tcp/1/p2p/${peerId}`,
    '/ip4/1.2.3.4/tcp/1',
    `/ip4/1.2.3.4/tcp/2/p2p/${other}/p2p-circuit/p2p/${peerId}`,
    `/ip4/1.2.3.4/tcp/3/p2p/${other}/p2p-circuit`
  )

  t.deepEqual(record.multiaddrs, ['/ip4/1.2.3.4/tcp/1', `/ip4/1.2.3.4/tcp/2/p2p/${other}/p2p-circuit`, `/ip4/1.2.3.4/tcp/3/p2p/${other}/p2p-circuit`])
  t.deepEqual(record.skipped, ['duplicate'])
})

test('openRecord() skips addresses that lead to another peer', async t => {
  const record = await openAddresses(t,
    `/ip4/1.2.3.4/tcp/1/p2p/${other}`,
    `/ip4/1.2.3.4/tcp/2/p2p/${peerId}/p2p-circuit/p2p/${other}`,
    `/ip4/1.2.3.4/tcp/3/p2p/${other}/ws`,
    `/p2p/${other}`,
    '/ip4/1.2.3.4/tcp/4'
  )

  t.deepEqual(record.multiaddrs, ['/ip4/1.2.3.4/tcp/4'])
  t.deepEqual(record.skipped, ['other-peer', 'other-peer', 'other-peer', 'other-peer'])
})

test('openRecord() escapes control characters in the texts of skipped addresses', async t => {
  const record = opens(t, await openRecord(await seal(key, { addresses: [multiaddr(`/dns4/a\u001b[2J/tcp/1/p2p/${other}`).bytes] })))

  t.deepEqual(record.skipped, [{ reason: 'other-peer', text: `/dns4/a\\u{1b}[2J/tcp/1/p2p/${other}` }])
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
