import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { addr, addrs, HOUR, MINUTE, newPeers, node, SECOND, texts } from './kit.ts'
import { restarted } from './restarted-node.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, other, third] = await newPeers(3) as [PeerId, PeerId, PeerId]

test('an address that was invalidated is not covered by its pin after a restart', async t => {
  const { book, clock } = await restarted(({ book }) => {
    book.owner('dcutr').pin(peer, { addresses: addrs(1, 3) })
    book.invalidate(peer, addr(1))
  })
  await book.start()
  book.observe(peer, addr(1), { source: 'dht' })
  await clock.advance(5 * MINUTE)
  t.deepEqual(texts(book, peer), [`${addr(2)}`])
  await book.stop()
})

test('pins survive a restart for ten minutes, unless their owners pin again', async t => {
  const { book, clock } = await restarted(({ book }) => {
    book.observe(peer, addr(1), { source: 'dht' })
    book.observe(other, addr(1), { source: 'dht' })
    const owner = book.owner('dcutr')
    owner.pin(peer, { addresses: [addr(1)], ttl: 5 * HOUR })
    owner.pin(other, { ttl: 5 * HOUR })
    book.observe(third, addr(3), { source: 'user' })
  })
  const counts = (): number[] => [peer, other, third].map(peer => texts(book, peer).length)
  await clock.advance(HOUR)
  await book.start()
  t.deepEqual(counts(), [1, 1, 1])
  t.regex(book.explain(peer), /pinned by dcutr until .*, before the last start/)
  const again = book.owner('dcutr').pin(peer, { addresses: [addr(1)], ttl: HOUR })
  t.notRegex(book.explain(peer), /before the last start/)

  await clock.advance(10 * MINUTE)
  t.deepEqual(counts(), [1, 0, 1])
  again.release()
  t.deepEqual(counts(), [0, 0, 1])
  await book.stop()
})

test('a stored pin covers reports that were made before the store was read, for ten minutes', async t => {
  const { book, clock } = await restarted(({ book }) => { book.owner('dcutr').pin(peer) })
  book.observe(peer, addr(1), { source: 'dht' })
  await book.start()
  await clock.advance(10 * MINUTE - 1)
  t.deepEqual(texts(book, peer), [`${addr(1)}`])
  await clock.advance(1)
  t.deepEqual(texts(book, peer), [])
  await book.stop()
})

for (const isConnected of [false, true]) {
  test(`a pin of five minutes that was made ${isConnected ? 'while there was a connection' : 'without a connection'} lasts no longer over a restart`, async t => {
    const { book, clock } = await restarted(({ book, connect }) => {
      if (isConnected) {
        connect(peer, addr(9), 'inbound')
      }

      book.owner('dcutr').pin(peer, { addresses: [addr(1)], ttl: 5 * MINUTE })
    })
    await book.start()
    await clock.advance(5 * MINUTE - 1)
    t.true(texts(book, peer).includes(`${addr(1)}`))
    await clock.advance(1)
    t.false(texts(book, peer).includes(`${addr(1)}`))
    await book.stop()
  })

  test(`a node that was killed ${isConnected ? 'while it was connected' : 'without a connection'} restores the rest of a pin of five minutes`, async t => {
    const datastore = new MemoryDatastore()
    const first = node({ datastore })
    await first.book.start()

    if (isConnected) {
      first.connect(peer, addr(9), 'inbound')
    }

    first.book.owner('dcutr').pin(peer, { addresses: [addr(1)], ttl: 5 * MINUTE })
    await first.clock.advance(SECOND)
    const { book, clock } = node({ datastore, clock: new VirtualClock(first.clock.now()) })
    await book.start()
    await clock.advance(5 * MINUTE - SECOND - 1)
    t.true(texts(book, peer).includes(`${addr(1)}`))
    await clock.advance(SECOND + 1)
    t.false(texts(book, peer).includes(`${addr(1)}`))
    await book.stop()
    await first.book.stop()
  })
}
