import test from 'ava'
import { addr, addrs, fakePeers, node } from './kit.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const [peer, other] = fakePeers(2) as [PeerId, PeerId]

test('query() returns a frozen snapshot that later changes do not affect', t => {
  const { book } = node()
  book.observe(peer, addrs(1, 3), { source: 'identify' })
  const before = book.query(peer)
  book.removeReports('identify')
  t.is(before.length, 2)
  t.throws(() => { Object.assign(before[0] as object, { isCertified: true }) }, { name: 'TypeError' })
  t.throws(() => { Object.assign(before[0]?.provenance[0] as object, { source: 'user' }) }, { name: 'TypeError' })
})

test('reportsOf() returns the reports of the peer whose query returned the multiaddr object, unless another peer is given', t => {
  const { book } = node()
  const sourcesOf = (multiaddr: Multiaddr, of?: PeerId): string[] | undefined => book.reportsOf(multiaddr, of?.toString())?.provenance.map(({ source }) => source)
  book.observe(peer, addr(1), { source: 'dht' })
  book.observe(other, addr(1), { source: 'user' })
  const [ofPeer, ofOther] = [peer, other].map(one => book.query(one)[0]?.multiaddr as Multiaddr) as [Multiaddr, Multiaddr]

  t.deepEqual(sourcesOf(ofPeer), ['dht'])
  t.deepEqual(sourcesOf(ofOther), ['user'])
  t.deepEqual(sourcesOf(ofPeer, other), ['user'], 'dialled for another peer')
})

test('query() caches the multiaddr object of a peer until 2,047 other peers are queried', t => {
  for (const [others, isSame] of [[2_046, true], [2_047, false]] as const) {
    const { book } = node()
    const [first, ...peers] = fakePeers(2_048) as [PeerId, ...PeerId[]]
    const all = [first, ...peers.slice(0, others)]
    all.forEach(peer => { book.observe(peer, addr(1), { source: 'user' }) })
    const asked = all.map(peer => book.query(peer)[0]?.multiaddr)
    t.is(book.query(first)[0]?.multiaddr === asked[0], isSame)
  }
})
