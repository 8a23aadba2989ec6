import test from 'ava'
import { addr, addrs, fakePeers, HOUR, known, MINUTE, node, SECOND, texts } from '../kit.ts'
import { WRONG_PEER_TIME } from '../../../src/pipeline/dial-components.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const [peer] = fakePeers(1) as [PeerId]

const PINS: Array<[what: string, addresses: Multiaddr[] | undefined]> = [['of one address', [addr(1)]], ['of two addresses', addrs(1, 3)], ['of the whole peer', undefined]]

for (const [what, addresses] of PINS) {
  test(`a pin ${what} is held while another peer answers there, and keeps the address`, async t => {
    const { book, clock } = node()
    const pin = book.owner('dcutr').pin(peer, { addresses, ttl: 3 * HOUR })
    book.observe(peer, addr(1), { source: 'identify', ttl: MINUTE })
    book.invalidate(peer, addr(1))
    t.false(texts(book, peer).includes(addr(1).toString()))
    await clock.advance(WRONG_PEER_TIME - 1)
    t.false(texts(book, peer).includes(addr(1).toString()))
    await clock.advance(1)
    t.deepEqual(known(book, peer)[addr(1).toString()], ['identify'])
    t.deepEqual([pin.state, pin.signal.aborted], ['held', false])
    await clock.advance(2 * HOUR)
    t.deepEqual(texts(book, peer), [])
  })
}

test('a pinned address without reports returns an hour after another peer answered there', async t => {
  const { book, clock } = node()
  book.owner('dcutr').pin(peer, { addresses: addrs(1, 3), ttl: 3 * HOUR })
  book.invalidate(peer, addr(1))
  t.deepEqual(known(book, peer), { [addr(2).toString()]: [] })
  await clock.advance(HOUR)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: [], [addr(2).toString()]: [] })
})

test('a pin that is made after another peer answered does not make the address valid, and keeps it', async t => {
  const { book, clock } = node()
  book.observe(peer, addr(1), { source: 'identify', ttl: MINUTE })
  book.invalidate(peer, addr(1))
  const pin = book.owner('dcutr').pin(peer, { addresses: [addr(1)], ttl: 3 * HOUR })
  await clock.advance(HOUR - 1)
  t.deepEqual(texts(book, peer), [])
  await clock.advance(1)
  t.deepEqual(texts(book, peer), [addr(1).toString()])
  pin.release()
  t.is(book.size, 0)
})

test('a pin of the whole peer does not keep hearsay of an address at which another peer answered', async t => {
  const { book, clock } = node()
  book.owner('dcutr').pin(peer, { ttl: 3 * HOUR })
  book.observe(peer, addrs(1, 3), { source: 'dht' })
  book.invalidate(peer, addr(1))
  t.deepEqual([texts(book, peer), book.usage.addresses], [[addr(2).toString()], 1])
  await clock.advance(HOUR)
  t.deepEqual(texts(book, peer), [addr(2).toString()])
})

test('a pinned address at which another peer answered is valid at once when the peer itself names it', async t => {
  const { book, clock } = node()
  book.owner('dcutr').pin(peer, { ttl: 3 * HOUR })
  book.observe(peer, addr(1), { source: 'tracker' })
  book.invalidate(peer, addr(1))
  await clock.advance(SECOND)
  book.observe(peer, addr(1), { source: 'identify', reporter: peer, ttl: MINUTE })
  await clock.advance(2 * HOUR)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['tracker', 'identify'] })
})
