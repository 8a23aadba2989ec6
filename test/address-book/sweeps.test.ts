import test from 'ava'
import { TurnCounter } from '../datastore/turn-counter.ts'
import { addr, fakePeers, HOUR, MINUTE, node, SECOND, texts } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, other, ...peers] = fakePeers(1_102) as [PeerId, PeerId, ...PeerId[]]

test('the book sets no timer while no report can expire, and none remains after stop()', async t => {
  const { book, clock } = node()
  await book.start()
  t.is(clock.pending, 0)
  peers.forEach(peer => book.observe(peer, addr(1), { source: 'user' }))
  t.is(clock.pending, 0)
  peers.forEach(peer => book.observe(peer, addr(1), { source: 'routing' }))
  peers.forEach(peer => book.observe(peer, addr(2), { source: 'dht' }))
  t.is(clock.pending, 1)
  await clock.advance(4 * MINUTE)
  t.is(clock.pending, 1)
  await clock.advance(13 * MINUTE)
  t.is(clock.pending, 0)
  book.observe(peer, addr(1), { source: 'dht' })
  t.is(clock.pending, 1)
  book.removeReports('dht')
  book.removeReports('user')
  await clock.advance(3 * MINUTE)
  t.is(clock.pending, 0)
  book.observe(peer, addr(1), { source: 'dht' })
  await book.stop()
  t.is(clock.pending, 0)
  book.observe(peer, addr(2), { source: 'dht' })
  t.is(clock.pending, 0)
})

test('a sweep of 1,100 peers with expired reports handles at most 200 in one turn of the event loop', async t => {
  const { book, clock } = node()
  const perTurn = new TurnCounter()
  await book.start()
  peers.forEach(peer => { book.observe(peer, addr(1), { source: 'dht' }) })
  book.subscribe(undefined, () => { perTurn.add() })
  await clock.advance(4 * MINUTE)
  t.is(book.size, 0)
  t.is(perTurn.max, 200)
  t.is(clock.pending, 0)
  await book.stop()
})

test('start() schedules a sweep for reports made before it, and sweeps expired ones at once', async t => {
  const { book, clock } = node()
  book.observe(peer, addr(1), { source: 'dht' })
  let heard = 0
  book.subscribe(peer, () => { heard++ })
  await clock.advance(10 * MINUTE)
  await book.start()
  t.is(heard, 0)
  await clock.advance(0)
  t.is(heard, 1)
  t.is(clock.pending, 0)
  await book.stop()
})

test('a sweep schedules the next one for reports that expire later', async t => {
  const { book, clock } = node()
  await book.start()
  book.observe(peer, addr(1), { source: 'dht' })
  book.observe(other, addr(1), { source: 'identify' })
  let heard = 0
  book.subscribe(undefined, () => { heard++ })
  await clock.advance(3 * MINUTE)
  t.deepEqual([heard, clock.pending], [1, 1])
  await clock.advance(HOUR)
  t.deepEqual([heard, clock.pending], [2, 0])
  await book.stop()
})

test('a sweep runs at most a minute after reports expire, and removes all of them without a wait', async t => {
  const { book, clock } = node()
  await book.start()
  const due = Math.ceil((clock.now() + SECOND) / MINUTE) * MINUTE
  let heard = 0
  peers.forEach(peer => { book.observe(peer, addr(1), { source: 'mine', ttl: SECOND }) })
  book.subscribe(undefined, () => { heard++ })
  await clock.advance(due - clock.now() - 1)
  t.is(heard, 0)
  await clock.advance(1)
  t.is(heard, 1_100)
  t.is(clock.now(), due)
  await book.stop()
})

test('a sweep skips a peer that was forgotten and added again while it runs', async t => {
  const { book, clock } = node()
  await book.start()
  const [first] = peers as [PeerId]
  peers.forEach(peer => { book.observe(peer, addr(1), { source: 'dht' }) })
  const end = book.subscribe(undefined, () => {
    end()
    book.forget(first)
    book.observe(first, addr(2), { source: 'user' })
  })
  await clock.advance(4 * MINUTE)
  t.deepEqual(texts(book, first), [`${addr(2)}`])
  t.is(book.size, 1)
  await book.stop()
})
