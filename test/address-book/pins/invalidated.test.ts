import test from 'ava'
import { addr, addrs, fakePeers, HOUR, MINUTE, node, texts } from '../kit.ts'
import { WRONG_PEER_TIME } from '../../../src/pipeline/dial-components.ts'
import type { PeerId } from '@libp2p/interface'
import type { Node } from '../kit.ts'

const [peer, other] = fakePeers(2) as [PeerId, PeerId]

test('a pin is revoked when another peer has answered at all of its addresses', async t => {
  const { book, clock } = node()
  const owner = book.owner('dcutr')
  book.observe(peer, addrs(1, 4), { source: 'dht' })
  const two = owner.pin(peer, { addresses: addrs(1, 3) })
  const one = owner.pin(peer, { addresses: [addr(1)] })
  const whole = owner.pin(peer)

  book.invalidate(peer, addr(1))
  t.deepEqual([two.state, one.state, whole.state], ['held', 'revoked', 'held'])
  t.true(one.signal.aborted)
  t.is(texts(book, peer).length, 2)
  await clock.advance(5 * MINUTE)
  t.deepEqual(texts(book, peer), addrs(2, 4).map(String))

  book.invalidate(peer, addr(2))
  t.deepEqual([two.state, two.signal.aborted], ['revoked', true])
  t.deepEqual(texts(book, peer), [addr(3).toString()])
  t.is(one.signal.reason.name, 'AbortError')

  book.observe(peer, addr(2), { source: 'dht' })
  await clock.advance(3 * MINUTE)
  t.deepEqual(texts(book, peer), [addr(3).toString()], 'a repeated report does not renew the pin')
  whole.release()
  t.deepEqual(owner.usage, { pins: 0, peers: 0, addresses: 0 })
  t.is(book.size, 0)
})

test('a pin covers an address again an hour after another peer answered there', async t => {
  const { book, clock } = node()
  const owner = book.owner('dcutr')
  book.observe(peer, addrs(1, 3), { source: 'dht' })
  const pins = [owner.pin(peer, { ttl: 3 * HOUR }), owner.pin(other, { addresses: addrs(1, 3), ttl: 3 * HOUR })]
  const expires = (peer: PeerId): number | undefined => book.query(peer).find(({ multiaddr }) => multiaddr.equals(addr(1)))?.provenance[0]?.expires

  for (const one of [peer, other]) {
    book.invalidate(one, addr(1))
  }

  await clock.advance(WRONG_PEER_TIME - MINUTE)

  for (const one of [peer, other]) {
    book.observe(one, addr(1), { source: 'dht' })
  }

  await clock.advance(MINUTE - 1)
  t.deepEqual([peer, other].map(expires), [clock.now() + MINUTE + 1, clock.now() + MINUTE + 1], 'not pinned yet')
  await clock.advance(1)
  t.deepEqual([peer, other].map(expires), pins.map(pin => pin.expires))
  await clock.advance(HOUR)
  t.true(texts(book, peer).includes(addr(1).toString()))
})

for (const [what, name] of [
  ['the peer itself names it', ({ book }) => { book.observe(peer, addr(1), { source: 'identify', reporter: peer }) }],
  ['the user names it', ({ book }) => { book.observe(peer, addr(1), { source: 'user', ttl: MINUTE }) }],
  ['the peer has connected', ({ book, connect, disconnect }) => {
    disconnect(connect(peer, addr(9), 'inbound'))
    book.observe(peer, addr(1), { source: 'dht' })
  }]
] satisfies Array<[string, (node: Node) => void]>) {
  test(`a pin covers an address again at which another peer answered, once ${what}`, async t => {
    const made = node()
    const { book, clock } = made
    await book.start()
    book.observe(peer, addrs(1, 3), { source: 'dht' })
    book.owner('dcutr').pin(peer, { ttl: 3 * HOUR })
    book.invalidate(peer, addr(1))
    book.observe(peer, addr(1), { source: 'dht' })
    await clock.advance(5 * MINUTE)
    t.false(texts(book, peer).includes(addr(1).toString()), 'hearsay proves nothing')

    name(made)
    await clock.advance(2 * HOUR)
    t.true(texts(book, peer).includes(addr(1).toString()))
    await book.stop()
  })
}

test('a pin excludes up to 64 invalidated addresses, and one more brings the oldest back', t => {
  const { book, clock } = node()
  const pin = book.owner('dcutr').pin(peer)
  const isPinned = (): boolean => {
    book.observe(peer, addr(1), { source: 'dht' })

    return book.query(peer)[0]?.provenance[0]?.expires === pin.expires
  }

  addrs(1, 65).forEach(address => { book.invalidate(peer, address) })
  t.false(isPinned())
  book.invalidate(peer, addr(65))
  t.true(isPinned())
  t.is(pin.expires, clock.now() + HOUR)
})
