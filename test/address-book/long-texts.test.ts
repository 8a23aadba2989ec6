import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { withSource } from '../../src/address-book/index.ts'
import { addr, fakePeers, node, texts } from './kit.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const [peer, reporter] = fakePeers(2) as [PeerId, PeerId]

/** Returns an address of the given size in bytes */
function ofBytes (bytes: number): Multiaddr {
  return multiaddr(`/dns4/${'a'.repeat(bytes - 6)}/tcp/1`)
}

/** Peer id of a multihash longer than any real one */
const huge = peerIdFromMultihash({ code: 0x12, size: 1_000, digest: new Uint8Array(1_000).fill(7), bytes: Uint8Array.from([0x12, 0xe8, 0x07, ...new Uint8Array(1_000).fill(7)]) })

test('observe() and recordDialled() refuse an address over 1,024 bytes of any source and keep the others of the call', t => {
  const { book, connect } = node()

  for (const source of ['dht', 'identify', 'user']) {
    t.is(book.observe(peer, [ofBytes(1_025), addr(1), ofBytes(100_000)], { source, reporter }), 1, source)
  }

  t.is(book.recordDialled(peer, [ofBytes(1_025), addr(1)]), 1)
  t.is(book.observe(peer, ofBytes(1_024), { source: 'user' }), 1)
  t.is(book.observe(peer, ofBytes(1_025).encapsulate(`/p2p/${peer}`), { source: 'user' }), 0)
  t.is(book.observe(peer, ofBytes(1_024).encapsulate(`/p2p/${peer}`), { source: 'user' }), 1, 'without the suffix of the peer')
  connect(peer, ofBytes(2_000))
  t.deepEqual(texts(book, peer), [addr(1), ofBytes(1_024)].map(String))
})

test('pinning an address over 1,024 bytes throws, and pins nothing', t => {
  const { book } = node()
  const owner = book.owner('dcutr')
  t.throws(() => owner.pin(peer, { addresses: [addr(1), ofBytes(1_025)] }), { name: 'InvalidParametersError', message: /^Cannot pin an address of .*: it has 1025 bytes, more than 1024$/ })
  t.deepEqual(owner.usage, { pins: 0, peers: 0, addresses: 0 })
  t.is(book.size, 0)
  t.notThrows(() => owner.pin(peer, { addresses: [ofBytes(1_024)] }))
})

test('a source or owner name of more than 256 characters throws', t => {
  const { book } = node()
  const long = 'x'.repeat(257)
  t.throws(() => book.observe(peer, addr(1), { source: long }), { name: 'InvalidParametersError', message: 'observe() knows no source of 257 characters, \'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\': 256 at most' })
  t.throws(() => book.owner(long), { name: 'InvalidParametersError' })
  t.throws(() => withSource(long, () => {}), { name: 'InvalidParametersError' })
  t.is(book.observe(peer, addr(1), { source: long.slice(1) }), 1)
})

test('observe() refuses a peer id or reporter of more than 256 characters, and pin() throws', t => {
  const { book } = node()
  t.true(huge.toString().length > 256)
  t.is(book.observe(huge, addr(1), { source: 'dht', reporter }), 0)
  t.is(book.observe(peer, addr(1), { source: 'dht', reporter: huge }), 0)
  t.throws(() => book.owner('dcutr').pin(huge, { addresses: [addr(1)] }), { name: 'InvalidParametersError', message: /^Cannot pin / })
  t.is(book.size, 0)
})

test('observe() refuses a peer id made from a URL, so that the write of other peers succeeds', async t => {
  const datastore = new MemoryDatastore()
  const { book, log } = node({ datastore })
  const digest = new TextEncoder().encode('https://a.example/')
  const url = peerIdFromMultihash({ code: 0, size: digest.length, digest, bytes: Uint8Array.from([0, digest.length, ...digest]) })
  t.is(url.type, 'url')
  await book.start()
  book.subscribe(undefined, () => {})
  t.is(book.observe(url, addr(1), { source: 'dht', reporter }), 0)
  t.is(book.observe(peer, addr(1), { source: 'user' }), 1)
  t.throws(() => book.owner('dcutr').pin(url, { addresses: [addr(1)] }), { name: 'InvalidParametersError' })
  await book.stop()
  t.deepEqual(log, [])

  const again = node({ datastore })
  await again.book.start()
  t.is(again.book.size, 1)
  await again.book.stop()
})
