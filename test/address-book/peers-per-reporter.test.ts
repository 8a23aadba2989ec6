import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { addr, fakePeers, knownOf, node } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, reporter, honest, ...others] = fakePeers(163) as [PeerId, PeerId, PeerId, ...PeerId[]]

test('a reporter may fill at most a tenth of the book with peers that no other source has named', async t => {
  const { book } = node({ maxPeers: 1_000 })
  others.slice(0, 20).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter: honest }) })
  others.slice(20).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  t.deepEqual(knownOf(book, others), [...others.slice(0, 20), ...others.slice(60)])

  book.observe(others[60] as PeerId, addr(2), { source: 'identify' })
  book.observe(peer, addr(1), { source: 'dht', reporter })
  t.is(knownOf(book, others).length, 120, 'a peer that has spoken for itself does not count')
})

test('naming a connected peer does not evict another peer that the same reporter named', async t => {
  const { book, connect } = node({ maxPeers: 100 })
  await book.start()
  connect(peer, multiaddr(`/p2p/${peer}`), 'inbound')
  others.slice(0, 64).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  book.observe(peer, addr(1), { source: 'dht', reporter })
  t.is(book.size, 65)
  await book.stop()
})

test('the cap of peers for each reporter counts hearsay only', t => {
  const { book } = node({ maxPeers: 100 })
  others.slice(0, 65).forEach(peer => { book.observe(peer, addr(1), { source: 'derived', reporter }) })
  t.is(book.size, 65)
})

test('forgetting a peer frees its place in the cap of its reporter', t => {
  const { book } = node({ maxPeers: 100 })
  others.slice(0, 2).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  book.forget(others[0] as PeerId)
  others.slice(2, 66).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  t.is(book.size, 64)
})

test('a reporter may name 64 peers that nobody else has named in a book of 100', t => {
  const { book } = node({ maxPeers: 100 })
  const named = others.slice(0, 65)
  named.slice(0, 64).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  t.deepEqual(knownOf(book, named), named.slice(0, 64))
  book.observe(named[64] as PeerId, addr(1), { source: 'dht', reporter })
  t.deepEqual(knownOf(book, named), named.slice(1))
})

test('a reporter at its cap evicts its own oldest peer from a full book, and none that another reporter named', t => {
  const { book } = node({ maxPeers: 100 })
  others.slice(0, 36).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter: honest }) })
  others.slice(36, 101).forEach(peer => { book.observe(peer, addr(1), { source: 'dht', reporter }) })
  t.deepEqual(knownOf(book, others), [...others.slice(0, 36), ...others.slice(37, 101)])
})
