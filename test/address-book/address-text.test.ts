import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { addr, fakePeers, known, node, texts } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, other, relay] = fakePeers(3) as [PeerId, PeerId, PeerId]

test('observe() strips the peer\'s own id, skips addresses of other peers, and keeps relayed ones whole', t => {
  const { book, self } = node()
  const own = addr(1).encapsulate(`/p2p/${peer.toString()}`)
  const relayed = multiaddr(`/ip4/192.0.2.9/tcp/1/p2p/${relay.toString()}/p2p-circuit`)

  t.is(book.observe(peer, [own, addr(1), addr(2).encapsulate(`/p2p/${other.toString()}`), multiaddr('/'), multiaddr(`/p2p/${peer.toString()}`), relayed, relayed.encapsulate(`/p2p/${peer.toString()}`)], { source: 'routing' }), 4)
  t.deepEqual(texts(book, peer), [addr(1).toString(), relayed.toString()])
  t.is(book.query(peer)[0]?.provenance[0]?.count, 2)
  t.is(book.observe(self, addr(1), { source: 'identify' }), 0)
  t.is(book.size, 1)
})

test('an address that ends in the peer\'s own id once, twice or not at all is one address', t => {
  const { book } = node()
  const suffix = `/p2p/${peer}`
  const forms = [addr(1), addr(1).encapsulate(suffix), addr(1).encapsulate(suffix).encapsulate(suffix)]
  t.deepEqual(forms.map(form => book.observe(peer, form, { source: 'user' })), [1, 1, 1])
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['user'] })
  t.is(book.observe(peer, multiaddr(suffix).encapsulate(suffix), { source: 'user' }), 0)
})

test('observe() treats a peer id written as a CID like its base58 form', t => {
  const { book } = node()
  t.is(book.observe(peer, addr(1).encapsulate(`/p2p/${peer.toCID()}`), { source: 'user' }), 1)
  t.is(book.observe(peer, addr(2).encapsulate(`/p2p/${other.toCID()}`), { source: 'user' }), 0)
  t.deepEqual(known(book, peer), { [`${addr(1)}`]: ['user'] })
})
