// listeners to changes of the book that change the book themselves
import test from 'ava'
import { turnEnd } from '../../src/datastore/turn-limits.ts'
import { addr, fakePeers, known, MINUTE, node, texts } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

test('a full book keeps one entry of a peer that a listener reports while it is added', t => {
  const { book } = node({ maxPeers: 10 })
  const peers = fakePeers(21)
  const added = peers.at(-1) as PeerId
  peers.slice(0, 10).forEach(peer => { book.observe(peer, addr(1), { source: 'tracker' }) })
  // the first change is the eviction that makes room
  const unsubscribe = book.subscribe(undefined, () => {
    unsubscribe()
    book.observe(added, addr(2), { source: 'tracker' })
  })
  book.observe(added, addr(3), { source: 'tracker' })

  t.deepEqual(texts(book, added), [addr(3), addr(2)].map(String))
  t.is(Array.from(book.peers(), String).length, 10)
  t.is(book.usage.peers, 10)
})

test('a full book keeps the peer being added when a listener to the eviction lists the peers and removes a report', t => {
  const { book } = node({ maxPeers: 10 })
  const peers = fakePeers(11)
  const added = peers.at(-1) as PeerId
  peers.slice(0, 10).forEach(peer => { book.observe(peer, addr(1), { source: 'tracker' }) })
  let listed: string[] = []
  book.subscribe(undefined, peer => {
    if (!peer.equals(added)) {
      listed = Array.from(book.peers(), String)
      book.observe(added, addr(2), { source: 'other' })
      book.removeReports('other', { peer: added })
    }
  })
  t.is(book.observe(added, addr(1), { source: 'tracker' }), 1)
  t.true(listed.includes(`${added}`))
  t.deepEqual(texts(book, added), [`${addr(1)}`])
  t.is(book.usage.addresses, 10)
})

test('a full book stays within maxPeers when a listener reports each evicted peer again', async t => {
  const { book, log } = node({ maxPeers: 10 })
  let reported = 0
  book.subscribe(undefined, peer => {
    if (reported < 500 && book.query(peer).length === 0) {
      reported++
      book.observe(peer, addr(1), { source: 'tracker' })
    }
  })
  fakePeers(20).forEach(peer => { book.observe(peer, addr(1), { source: 'tracker' }) })
  t.is(book.size, 10)
  t.true(reported <= 20, `${reported} reports in one turn of the event loop`)

  while (reported < 500) {
    await turnEnd()
  }

  t.is(book.size, 10)
  t.deepEqual(log, [])
})

test('a listener hears once of all changes to a peer that listeners made, in the next turn of the event loop', async t => {
  const { book } = node()
  const [peer, other] = fakePeers(2) as [PeerId, PeerId]
  const heard: string[] = []
  book.subscribe(peer, () => {
    book.observe(other, addr(1), { source: 'tracker' })
    book.observe(other, addr(2), { source: 'tracker' })
  })
  book.subscribe(other, () => { heard.push(...texts(book, other), '.') })
  book.observe(peer, addr(1), { source: 'tracker' })
  t.deepEqual(heard, [])
  await turnEnd()
  t.deepEqual(heard, [addr(1), addr(2), '.'].map(String))
})

test('a pin of an address that a listener reports when the peer expires adds the address once', async t => {
  const { book, clock } = node()
  const [peer] = fakePeers(1) as [PeerId]
  book.observe(peer, addr(1), { source: 'tracker' })
  book.subscribe(peer, () => { book.observe(peer, addr(1), { source: 'tracker' }) })
  await clock.advance(3 * MINUTE)
  book.owner('replication').pin(peer, { addresses: [addr(1)] })
  t.deepEqual(known(book, peer), { [addr(1).toString()]: ['tracker'] })
  t.is(book.query(peer).length, 1)
})

test('a pin that a listener releases while it is revoked ends once', t => {
  const { book } = node()
  const [peer] = fakePeers(1) as [PeerId]
  book.observe(peer, addr(1), { source: 'tracker' })
  const owner = book.owner('replication')
  const pins = [owner.pin(peer, { addresses: [addr(1)] }), owner.pin(peer)]
  book.subscribe(peer, () => { pins.forEach(pin => { pin.release() }) })
  book.invalidate(peer, addr(1))
  t.deepEqual(pins.map(({ state }) => state), ['released', 'released'])
  t.deepEqual(owner.usage, { pins: 0, peers: 0, addresses: 0 })
})

test('a pin that a listener ends while it is made does not count in the usage of its owner', t => {
  const { book } = node({ pins: { default: { maxAddresses: 1, evict: 'oldest' } } })
  const [peer, other] = fakePeers(2) as [PeerId, PeerId]
  const owner = book.owner('replication')
  const { signal } = new AbortController()
  const { addEventListener, removeEventListener } = signal
  let listeners = 0
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => { listeners++; addEventListener.apply(signal, args) }
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => { listeners--; removeEventListener.apply(signal, args) }
  const end = book.subscribe(peer, () => {
    end()
    owner.pin(other, { addresses: [addr(1)] })
  })
  t.is(owner.pin(peer, { addresses: [addr(1)], signal }).state, 'revoked')
  t.deepEqual(owner.usage, { pins: 1, peers: 1, addresses: 1 })
  t.is(listeners, 0)
})

test('a pin is released when a listener to its addresses aborts its signal', t => {
  const { book } = node()
  const [peer] = fakePeers(1) as [PeerId]
  const controller = new AbortController()
  book.subscribe(peer, () => { controller.abort() })
  const pin = book.owner('app').pin(peer, { addresses: [addr(1)], signal: controller.signal })
  t.is(pin.state, 'released')
  t.is(book.size, 0)
})

test('pin() throws when a listener to what has expired aborts its signal', async t => {
  const { book, clock } = node()
  const [peer] = fakePeers(1) as [PeerId]
  const controller = new AbortController()
  book.observe(peer, addr(1), { source: 'dht' })
  book.subscribe(peer, () => { controller.abort() })
  await clock.advance(2 * MINUTE)
  t.throws(() => book.owner('app').pin(peer, { addresses: [addr(2)], signal: controller.signal }), { name: 'AbortError' })
  t.is(book.size, 0)
})

test('pin() throws when the listener of a pin that it revokes aborts its signal', t => {
  const { book } = node({ pins: { default: { maxAddresses: 1, evict: 'oldest' } } })
  const [peer, other] = fakePeers(2) as [PeerId, PeerId]
  const controller = new AbortController()
  const owner = book.owner('app')
  owner.pin(peer, { addresses: [addr(1)] }).signal.addEventListener('abort', () => { controller.abort() })
  t.throws(() => owner.pin(other, { addresses: [addr(2)], signal: controller.signal }), { name: 'AbortError' })
  t.deepEqual(owner.usage, { pins: 0, peers: 0, addresses: 0 })
})
