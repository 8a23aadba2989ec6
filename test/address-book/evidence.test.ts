import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { rejects, watchUnhandled } from '../helpers/unhandled.ts'
import { addr, addrs, candidateOf, HOUR, known, MINUTE, newPeers, node, SECOND, texts } from './kit.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const [peer, other, relay] = await newPeers(3) as [any, any, any]

test('each source and reporter of an address has its own report with count, first and last time and expiry', async t => {
  const { book, clock } = node()
  const begun = clock.now()

  t.is(book.observe(peer, addr(1), { source: 'identify' }), 1)
  await clock.advance(MINUTE)
  book.observe(peer, [addr(1)], { source: 'dht', reporter: other })
  await clock.advance(MINUTE)
  book.observe(peer, [addr(1)], { source: 'identify' })
  book.observe(peer, [addr(1)], { source: 'dht', reporter: relay })

  const [only, ...rest] = book.query(peer)
  t.deepEqual(rest, [])
  t.is(only?.multiaddr.toString(), addr(1).toString())
  t.false(only?.isCertified)
  t.deepEqual(only?.provenance, [
    { source: 'identify', reporter: undefined, seq: undefined, count: 2, firstSeen: begun, lastSeen: begun + 2 * MINUTE, expires: begun + 2 * MINUTE + HOUR },
    { source: 'dht', reporter: other.toString(), seq: undefined, count: 1, firstSeen: begun + MINUTE, lastSeen: begun + MINUTE, expires: begun + 3 * MINUTE },
    { source: 'dht', reporter: relay.toString(), seq: undefined, count: 1, firstSeen: begun + 2 * MINUTE, lastSeen: begun + 2 * MINUTE, expires: begun + 4 * MINUTE }
  ])
})

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

const times: Array<[source: string, ttl: number]> = [
  ['user', Infinity], ['bootstrap', Infinity], ['dialled', 24 * HOUR], ['identify', HOUR], ['routing', 15 * MINUTE],
  ['observed', 15 * MINUTE], ['mdns', 2 * MINUTE], ['dht', 2 * MINUTE], ['pubsub', 2 * MINUTE], ['derived', 2 * MINUTE], ['of an application', 2 * MINUTE],
  // names of properties that every object has
  ['constructor', 2 * MINUTE], ['__proto__', 2 * MINUTE]
]

for (const [source, ttl] of times) {
  test(`a report of source ${source} expires after ${ttl} ms`, async t => {
    const { book, clock } = node()
    t.is(source === 'dialled' ? book.recordDialled(peer, [addr(1)]) : book.observe(peer, addr(1), { source }), 1)

    if (ttl < Infinity) {
      await clock.advance(ttl - 1)
      t.is(book.query(peer).length, 1)
      await clock.advance(1)
      t.is(book.query(peer).length, 0)
      t.is(book.size, 0)
    } else {
      await clock.advance(1_000 * HOUR)
      t.is(book.query(peer)[0]?.provenance[0]?.expires, Infinity)
    }
  })
}

test('the TTL can be set for each source and each observation, and repeating never shortens it', async t => {
  const { book, clock } = node({ ttl: { dht: HOUR, own: 5 * SECOND } })
  book.observe(peer, addr(1), { source: 'dht' })
  book.observe(peer, addr(1), { source: 'dht', ttl: SECOND })
  book.observe(peer, addr(2), { source: 'own' })
  book.observe(peer, addr(3), { source: 'own', ttl: MINUTE })
  book.observe(peer, addr(4), { source: 'own', ttl: 0 })

  await clock.advance(5 * SECOND)
  t.deepEqual(texts(book, peer), [addr(1), addr(3)].map(String))
  await clock.advance(55 * SECOND)
  t.deepEqual(texts(book, peer), [addr(1)].map(String))
  await clock.advance(HOUR)
  t.deepEqual(texts(book, peer), [])
})

test('observe() treats a peer id written as a CID like its base58 form', t => {
  const { book } = node()
  t.is(book.observe(peer, addr(1).encapsulate(`/p2p/${peer.toCID()}`), { source: 'user' }), 1)
  t.is(book.observe(peer, addr(2).encapsulate(`/p2p/${other.toCID()}`), { source: 'user' }), 0)
  t.deepEqual(known(book, peer), { [`${addr(1)}`]: ['user'] })
})

test('a report made in 2039 expires', async t => {
  const { book, clock } = node({ clock: new VirtualClock(Date.UTC(2039, 0)) })
  await book.start()
  book.observe(peer, addr(1), { source: 'dht' })
  book.observe(peer, addr(2), { source: 'user' })
  await clock.advance(HOUR)
  t.deepEqual(texts(book, peer), [addr(2).toString()])
  await book.stop()
})

test('reports expire one by one, and an address is kept until its last report expires', async t => {
  const { book, clock } = node()
  book.observe(peer, addr(1), { source: 'identify' })
  book.observe(peer, addrs(1, 3), { source: 'dht' })

  await clock.advance(2 * MINUTE)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['identify'] })
})

test('removeReports() removes a source\'s reports of all peers, of one peer, or of one reporter', t => {
  const { book } = node()
  book.observe(peer, addrs(1, 3), { source: 'dht', reporter: relay })
  book.observe(peer, addr(1), { source: 'dht', reporter: other })
  book.observe(peer, addr(1), { source: 'user' })
  book.observe(other, addr(3), { source: 'dht', reporter: relay })

  t.is(book.removeReports('dht', { peer, reporter: relay }), 2)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['dht', 'user'] })
  t.is(book.removeReports('dht'), 2)
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['user'] })
  t.deepEqual(known(book, other), {})
  t.is(book.removeReports('user', { peer: other }), 0)
  t.is(book.removeReports('user'), 1)
  t.is(book.size, 0)
})

test('forget() removes all reports of a peer except excluded, pinned and connected addresses', async t => {
  const { book, connect, disconnect } = node()
  await book.start()
  book.observe(peer, addrs(1, 5), { source: 'user' })
  book.observe(peer, addrs(1, 5), { source: 'dht', reporter: other })
  book.observe(other, addr(1), { source: 'user' })
  const pin = book.owner('test').pin(peer, { addresses: [addr(2)] })
  const connection = connect(peer, addr(3))

  book.forget(peer, { except: [addr(1).encapsulate(`/p2p/${peer}`)] })
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['user', 'dht'], [addr(2).toString()]: [], [addr(3).toString()]: [] })
  disconnect(connection)
  pin.release()
  book.forget(peer)
  t.deepEqual(known(book, peer), {})
  t.deepEqual(known(book, other), { [addr(1).toString()]: ['user'] })
  await book.stop()
})

test('hearsay expires 15 minutes after a successful attempt, and a failed attempt does not extend it', async t => {
  const { book, clock } = node()
  book.observe(peer, addrs(1, 4), { source: 'dht' })
  book.attempted(candidateOf(peer, addr(1)), 'connected')
  book.attempted(candidateOf(peer, addr(2)), 'failed')
  await clock.advance(15 * MINUTE - 1)
  t.deepEqual(texts(book, peer), [addr(1).toString()])
  await clock.advance(1)
  t.deepEqual(texts(book, peer), [])
})

test('invalidate() removes an address at which another peer answered, unless it is user-given', t => {
  const { book } = node()
  book.observe(peer, addrs(1, 4), { source: 'identify' })
  book.observe(peer, addr(2), { source: 'user' })

  book.invalidate(peer, addr(1))
  book.invalidate(peer, addr(2).encapsulate(`/p2p/${peer.toString()}`))
  book.invalidate(other, addr(3))
  t.deepEqual(known(book, peer), { [addr(2).toString()]: ['user'], [addr(3).toString()]: ['identify'] })
})

test('stats() counts for each source how many addresses were dialled and how many answered, each once', async t => {
  const { book, connect } = node()
  await book.start()
  book.observe(peer, addrs(1, 4), { source: 'dht', reporter: relay })
  book.observe(peer, addrs(1, 4), { source: 'dht', reporter: other })
  book.observe(peer, addr(1), { source: 'identify' })

  book.attempted(candidateOf(peer, addr(1)), 'failed')
  book.attempted(candidateOf(peer, addr(1)), 'failed')
  book.attempted(candidateOf(peer, addr(2)), 'failed')
  t.deepEqual(book.stats(), { dht: { dialled: 2, answered: 0 }, identify: { dialled: 1, answered: 0 } })

  book.attempted(candidateOf(peer, addr(1)), 'connected')
  book.attempted(candidateOf(peer, addr(1)), 'connected')
  book.attempted(candidateOf(peer, addr(9)), 'connected')
  book.attempted(candidateOf(other, addr(1)), 'connected')
  t.deepEqual(book.stats(), { dht: { dialled: 2, answered: 1 }, identify: { dialled: 1, answered: 1 } })

  book.observe(peer, addr(5), { source: 'user' })
  connect(peer, addr(5))
  book.attempted(candidateOf(peer, addr(5)), 'connected')
  t.deepEqual(book.stats().user, { dialled: 1, answered: 1 })
  t.is(book.stats().dialled, undefined, 'it was not known to have been dialled before')
  book.attempted(candidateOf(peer, addr(5)), 'failed')
  t.deepEqual(book.stats().dialled, { dialled: 1, answered: 0 })
})

test('stats() keeps the 1,000 to 2,000 sources that were dialled last', t => {
  const { book } = node()

  for (let n = 0; n < 5_000; n++) {
    book.observe(peer, addr(n % 60), { source: `made-up-${n}` })
    book.attempted(candidateOf(peer, addr(n % 60)), 'failed')
    book.removeReports(`made-up-${n}`, { peer })
  }

  const names = Object.keys(book.stats())
  t.true(names.length >= 1_000 && names.length <= 2_000, `${names.length}`)
  t.true(names.includes('made-up-4999'))
})

test('subscribers of one peer and of all peers hear of changes and not of refreshes, until they unsubscribe', async t => {
  const { book, clock, log } = node()
  const heard: string[] = []
  const endOne = book.subscribe(peer, id => { heard.push(`one ${book.query(id).length}`) })
  const endAll = book.subscribe(undefined, id => { heard.push(id.equals(peer) ? 'all' : 'other') })
  const endBroken = book.subscribe(undefined, () => { throw new Error('broken') })
  await book.start()

  const told = (): string[] => heard.splice(0)

  book.observe(peer, addr(1), { source: 'dht' })
  t.deepEqual(told(), ['one 1', 'all'])
  t.is(log.length, 1)
  endBroken()
  book.observe(peer, addr(1), { source: 'dht' })
  t.deepEqual(told(), [])
  book.observe(peer, addr(1), { source: 'identify' })
  t.deepEqual(told(), ['one 1', 'all'])
  book.observe(other, addr(1), { source: 'user' })
  t.deepEqual(told(), ['other'])
  await clock.advance(3 * MINUTE)
  t.deepEqual(told(), ['one 1', 'all'], 'the sweep found that the DHT says it no more')
  endOne()
  book.removeReports('identify')
  t.deepEqual(told(), ['all'])
  endAll()
  book.removeReports('user')
  t.deepEqual(told(), [])
  await book.stop()
})

test.serial('a subscriber that rejects is logged', async t => {
  const unhandled = watchUnhandled(t)
  const { book, log } = node()
  const end = book.subscribe(peer, rejects)
  await book.start()
  book.observe(peer, addr(1), { source: 'dht' })
  t.deepEqual(await unhandled(), [])
  t.is(log.length, 1)
  end()
  await book.stop()
})

test('query() returns a frozen snapshot that later changes do not affect', t => {
  const { book } = node()
  book.observe(peer, addrs(1, 3), { source: 'identify' })
  const before = book.query(peer)
  book.removeReports('identify')
  t.is(before.length, 2)
  t.throws(() => { Object.assign(before[0] as object, { isCertified: true }) })
  t.throws(() => { Object.assign(before[0]?.provenance[0] as object, { source: 'user' }) })
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
