import test from 'ava'
import { rejecting } from '../helpers/thenable.ts'
import { watchUnhandled } from '../helpers/unhandled.ts'
import { addr, fakePeers, MINUTE, node } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, other] = fakePeers(2) as [PeerId, PeerId]

test('subscribers of one peer and of all peers hear of changes and not of refreshes, until they unsubscribe', async t => {
  const { book, clock, log } = node()
  const heard: string[] = []
  const endOne = book.subscribe(peer, id => { heard.push(`one ${book.query(id).length}`) })
  const endAll = book.subscribe(undefined, id => { heard.push(id.equals(peer) ? 'all' : 'other') })
  const endBroken = book.subscribe(undefined, () => { throw new Error('broken') })
  await book.start()

  const takeEvents = (): string[] => heard.splice(0)

  book.observe(peer, addr(1), { source: 'dht' })
  t.deepEqual(takeEvents(), ['one 1', 'all'])
  t.is(log.length, 1)
  endBroken()
  book.observe(peer, addr(1), { source: 'dht' })
  t.deepEqual(takeEvents(), [])
  book.observe(peer, addr(1), { source: 'identify' })
  t.deepEqual(takeEvents(), ['one 1', 'all'])
  book.observe(other, addr(1), { source: 'user' })
  t.deepEqual(takeEvents(), ['other'])
  await clock.advance(3 * MINUTE)
  t.deepEqual(takeEvents(), ['one 1', 'all'], 'the sweep found that the DHT says it no more')
  endOne()
  book.removeReports('identify')
  t.deepEqual(takeEvents(), ['all'])
  endAll()
  book.removeReports('user')
  t.deepEqual(takeEvents(), [])
  await book.stop()
})

test.serial('a subscriber that rejects is logged', async t => {
  const unhandled = watchUnhandled(t)
  const { book, log } = node()
  const end = book.subscribe(peer, rejecting)
  await book.start()
  book.observe(peer, addr(1), { source: 'dht' })
  t.deepEqual(await unhandled(), [])
  t.is(log.length, 1)
  end()
  await book.stop()
})

test('ending a subscription twice does not end another subscription to the same peer', t => {
  const { book } = node()
  let heard = 0
  const end = book.subscribe(peer, () => {})
  end()
  book.subscribe(peer, () => { heard++ })
  end()
  book.observe(peer, addr(1), { source: 'dht' })
  t.is(heard, 1)
})
