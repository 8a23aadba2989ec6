// changes that subscribers hear of once, and writes that change nothing
import test from 'ava'
import { sealRecord } from '../../src/records/seal-record.ts'
import { addr, addrs, candidateOf, fakePeers, HOUR, known, MINUTE, newKey, newPeers, node, texts } from './kit.ts'
import { restarted } from './restarted-node.ts'
import type { Node } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const { key, peer } = await newKey()
const [other, reporter] = await newPeers(2) as [PeerId, PeerId]
const [first, second, third] = await Promise.all([addrs(20, 22), addrs(20, 21), addrs(20, 21)].map(async (multiaddrs, i) => sealRecord(key, { seq: BigInt(i + 1), multiaddrs }))) as [Uint8Array, Uint8Array, Uint8Array]

interface Heard extends Node {
  /** Number of notifications about `peer` since the last call */
  heard (): number
}

async function started (): Promise<Heard> {
  const made = node()
  let count = 0
  await made.book.start()
  made.book.observe(peer, addrs(1, 4), { source: 'dht', reporter })
  made.book.observe(peer, addr(2), { source: 'user' })
  made.book.subscribe(peer, () => { count++ })

  return { ...made, heard: () => {
    const before = count
    count = 0

    return before
  } }
}

test('a new report notifies subscribers once, and repeating it does not', async t => {
  const { book, heard } = await started()
  book.observe(peer, addr(9), { source: 'dht', reporter })
  t.is(heard(), 1)
  book.observe(peer, addr(9), { source: 'dht', reporter })
  book.observe(peer, addr(9), { source: 'dht', reporter, ttl: HOUR })
  book.observe(other, addr(9), { source: 'dht', reporter })
  t.is(heard(), 0)
  book.observe(peer, addr(9), { source: 'dht' })
  t.is(heard(), 1)
  await book.stop()
})

test('withdrawing a report notifies subscribers, also when the address has another report', async t => {
  const { book, heard } = await started()
  book.removeReports('dht', { peer, multiaddr: addr(2) })
  t.is(heard(), 1)
  book.removeReports('dht', { peer, multiaddr: addr(2) })
  book.removeReports('mdns')
  t.is(heard(), 0)
  book.forget(peer, { except: addrs(1, 4) })
  t.is(heard(), 0)
  await book.stop()
})

test('invalidating an address notifies subscribers once, also when it is user-given', async t => {
  const { book, heard } = await started()
  book.invalidate(peer, addr(2))
  t.is(heard(), 1)
  book.invalidate(peer, addr(2))
  book.invalidate(peer, addr(9))
  t.is(heard(), 0)
  book.invalidate(peer, addr(1))
  t.is(heard(), 1)
  await book.stop()
})

test('a record that omits an address of the last one notifies subscribers, also when another source reports it', async t => {
  const { book, heard } = await started()
  book.observe(peer, addr(21), { source: 'user' })
  t.is(heard(), 1)
  await book.consumeRecord(first)
  t.is(heard(), 1)
  await book.consumeRecord(second)
  t.is(heard(), 1)
  await book.consumeRecord(third)
  t.is(heard(), 0)
  await book.stop()
})

test('attempts do not notify subscribers', async t => {
  const { book, heard } = await started()
  book.attempted(candidateOf(peer, addr(1)), 'connected')
  book.attempted(candidateOf(peer, addr(3)), 'failed')
  t.is(heard(), 0)
  await book.stop()
})

test('closing a connection notifies subscribers only when addresses are evicted by it', async t => {
  for (const [count, told] of [[19, 0], [20, 1]] as const) {
    const { book, connect, disconnect, heard } = await started()
    const connection = connect(peer, addr(1))
    book.removeReports('dht', { peer })
    book.observe(peer, addrs(100, 100 + count), { source: 'identify' })
    heard()
    disconnect(connection)
    t.is(heard(), told, `${count}`)
    await book.stop()
  }
})

test('pinning known addresses does not notify subscribers, and pinning new ones does', async t => {
  const { book, clock, heard } = await started()
  const owner = book.owner('dcutr')
  const pin = owner.pin(peer, { addresses: [addr(1)] })
  pin.renew(2 * HOUR)
  t.is(heard(), 0)
  const unknown = owner.pin(peer, { addresses: [addr(9)] })
  t.is(heard(), 1)
  unknown.release()
  t.is(heard(), 1)
  pin.release()
  t.is(heard(), 0)
  await clock.advance(3 * MINUTE)
  t.is(heard(), 1, 'what the DHT has said has expired')
  await book.stop()
})

test('a report that expires unnoticed before another one is repeated notifies subscribers', async t => {
  const { book, clock } = node()
  book.recordDialled(peer, [addr(1)])
  book.observe(peer, addr(1), { source: 'dht', reporter, ttl: 48 * HOUR })
  await clock.advance(24 * HOUR)
  const heard: string[][] = []
  book.subscribe(peer, () => { heard.push(known(book, peer)[`${addr(1)}`] ?? []) })
  book.observe(peer, addr(1), { source: 'dht', reporter })
  t.deepEqual(heard, [['dht']])
})

test('a stored peer that is read notifies subscribers, who see its addresses', async t => {
  const { book } = await restarted(({ book }) => { [peer, other].forEach(one => { book.observe(one, addr(1), { source: 'user' }) }) })
  const heard: string[] = []
  book.observe(other, addr(2), { source: 'user' })
  book.subscribe(undefined, one => { heard.push([one, ...texts(book, one)].join()) })
  await book.start()
  t.deepEqual(heard.toSorted(), [`${peer},${addr(1)}`, `${other},${addr(2)},${addr(1)}`].toSorted())
  await book.stop()
})

test('stored peers that evict each other while they are read notify subscribers of each addition and eviction', async t => {
  const peers = fakePeers(4)
  const { book } = await restarted(({ book }) => { peers.forEach(one => { book.observe(one, addr(1), { source: 'user', ttl: HOUR }) }) }, { maxPeers: 2 })
  const heard: string[] = []
  book.subscribe(undefined, one => { heard.push(`${peers.findIndex(other => other.equals(one))} ${book.query(one).length}`) })
  await book.start()
  t.deepEqual(heard, ['0 1', '1 1', '0 0', '2 1', '1 0', '3 1'])
  await book.stop()
})
