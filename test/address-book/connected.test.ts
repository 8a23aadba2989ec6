import test from 'ava'
import { addr, addrs, HOUR, known, MINUTE, newKey, newPeers, node, texts } from './kit.ts'
import { seal } from '../records/sealed.ts'
import type { Node } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, other] = await newPeers(2) as [PeerId, PeerId]

async function started (init?: Parameters<typeof node>[0]): Promise<Node> {
  const made = node(init)
  await made.book.start()

  return made
}

test('an outbound connection reports its address as dialled, an inbound one as observed', async t => {
  const { book, connect } = await started()
  connect(peer, addr(1).encapsulate(`/p2p/${peer.toString()}`))
  connect(other, addr(2), 'inbound')
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['dialled'] })
  t.deepEqual(known(book, other), { [addr(2).toString()]: ['observed'] })
  await book.stop()
})

test('reports by a connected peer and the address in use do not expire while it is connected, and hearsay does', async t => {
  const { book, clock, connect, disconnect } = await started()
  book.observe(peer, addr(1), { source: 'dht' })
  const first = connect(peer, addr(1))
  const second = connect(peer, addr(4))
  book.observe(peer, addr(2), { source: 'identify' })
  book.observe(peer, addr(3), { source: 'routing' })

  await clock.advance(100 * HOUR)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['dht', 'dialled'], [addr(4).toString()]: ['dialled'], [addr(2).toString()]: ['identify'] })
  t.is(book.query(peer)[0]?.provenance[0]?.expires, Infinity)
  t.regex(book.explain(peer), /connected[^]*in use by a connection/)

  disconnect(second)
  disconnect(first)
  await clock.advance(10 * MINUTE - 1)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['dht', 'dialled'], [addr(4).toString()]: ['dialled'], [addr(2).toString()]: ['identify'] })
  await clock.advance(1)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['dialled'], [addr(4).toString()]: ['dialled'] })
  await clock.advance(24 * HOUR - 10 * MINUTE - 1)
  t.deepEqual(texts(book, peer), [addr(1), addr(4)].map(String), 'where the peer was dialled counts for a day from the disconnect')
  await clock.advance(1)
  t.deepEqual(texts(book, peer), [])
  await book.stop()
})

for (const disconnectTtl of [undefined, 3 * MINUTE]) {
  test(`at the last disconnect reports expire after ${disconnectTtl ?? 'ten minutes'}, except pinned, user-given and dialled ones`, async t => {
    const { book, clock, connect, disconnect } = await started({ disconnectTtl })
    const ttl = disconnectTtl ?? 10 * MINUTE
    book.observe(peer, addr(1), { source: 'user' })
    book.observe(peer, addr(2), { source: 'bootstrap' })
    book.observe(peer, addrs(3, 5), { source: 'identify' })
    book.observe(peer, addr(5), { source: 'dht' })
    const one = connect(peer, addr(6))
    const two = connect(peer, addr(6))
    book.owner('dcutr').pin(peer, { addresses: [addr(3)] })

    disconnect(one)
    await clock.advance(MINUTE)
    disconnect(two)
    disconnect(two)
    const expires = (n: number): number | undefined => book.query(peer).find(({ multiaddr }) => multiaddr.equals(addr(n)))?.provenance[0]?.expires
    t.is(expires(4), clock.now() + ttl)
    t.is(expires(6), clock.now() + 24 * HOUR)
    t.is(expires(5), clock.now() + MINUTE)
    await clock.advance(ttl)
    t.deepEqual(texts(book, peer), [...addrs(1, 4), addr(6)].map(String))
    await clock.advance(24 * HOUR)
    t.deepEqual(texts(book, peer), addrs(1, 3).map(String))
    await book.stop()
  })
}

test('a disconnect keeps 20 addresses of the peer, the connection\'s first, beside user-given ones', async t => {
  const { book, connect, disconnect } = await started()
  book.observe(peer, addrs(0, 10), { source: 'pubsub' })
  book.observe(peer, addrs(10, 40), { source: 'identify' })
  book.observe(peer, addr(40), { source: 'user' })
  disconnect(connect(peer, addr(0), 'inbound'))
  t.deepEqual(texts(book, peer), [addr(0), ...addrs(10, 29), addr(40)].map(String))
  await book.stop()
})

test('start() counts connections that are already open, and stop() ends the reports of all connections', async t => {
  const made = node()
  const { book, connect, clock, events } = made
  connect(peer, addr(1))
  await book.start()
  await book.start()
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['dialled'] })
  t.deepEqual(['connection:open', 'connection:close'].map(type => events.listenerCount(type)), [1, 1])
  await clock.advance(48 * HOUR)
  t.is(book.query(peer).length, 1)
  await book.stop()
  t.deepEqual(['connection:open', 'connection:close'].map(type => events.listenerCount(type)), [0, 0])
  await clock.advance(24 * HOUR)
  t.is(book.query(peer).length, 0)
})

test('a connection does not bring back reports that have expired', async t => {
  const { book, clock, connect, disconnect } = await started()
  book.observe(other, addr(1), { source: 'dht' })
  await clock.advance(30_000)
  book.observe(peer, addrs(1, 3), { source: 'identify' })
  book.observe(peer, addr(3), { source: 'user' })
  await clock.advance(HOUR)
  const connection = connect(peer, addr(1), 'inbound')
  t.deepEqual(known(book, peer), { [addr(3).toString()]: ['user'], [addr(1).toString()]: ['observed'] })
  disconnect(connection)
  t.deepEqual(known(book, peer), { [addr(3).toString()]: ['user'], [addr(1).toString()]: ['observed'] })
  await book.stop()
})

test('a close event of an unknown connection changes nothing', async t => {
  const { book, connect, disconnect } = await started()
  const connection = connect(peer, addr(1))
  disconnect({ ...connection })
  t.is(book.query(peer)[0]?.provenance[0]?.expires, Infinity)
  await book.stop()
})

test('reportsOf() returns the dialled report only when asked for the peer that was dialled', async t => {
  const { book, connect } = await started()
  book.observe(peer, addr(1), { source: 'identify' })
  connect(peer, addr(1).encapsulate(`/p2p/${peer.toString()}`))
  const [{ multiaddr } = { multiaddr: addr(9) }] = book.query(peer)
  const sources = (of?: string): string[] => book.reportsOf(multiaddr, of)?.provenance.map(({ source }) => source).toSorted() ?? []

  t.deepEqual(sources(peer.toString()), ['dialled', 'identify'])
  t.deepEqual(sources(), ['identify'])
  await book.stop()
})

test('reportsOf() returns isCertified only when asked for the peer that signed', async t => {
  const { book } = await started()
  const signer = await newKey()
  await book.consumeRecord(await seal(signer.key, { addresses: [addr(1).bytes] }))
  book.observe(signer.peer, addr(1), { source: 'identify' })
  const [{ multiaddr, isCertified } = { multiaddr: addr(9), isCertified: false }] = book.query(signer.peer)
  const reports = (of?: string): object => {
    const { isCertified, provenance } = book.reportsOf(multiaddr, of) ?? { isCertified: undefined, provenance: [] }

    return { isCertified, sources: provenance.map(({ source }) => source).toSorted() }
  }

  t.true(isCertified)
  t.deepEqual(reports(signer.peer.toString()), { isCertified: true, sources: ['certified', 'identify'] })
  t.deepEqual(reports(), { isCertified: false, sources: ['identify'] })
  await book.stop()
})
