// addresses that a program deletes or replaces in the peer store leave the book, even if the writer is unknown
import { persistentPeerStore } from '@libp2p/peer-store'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core/memory'
import { AddressBook } from '../../src/address-book/address-book.ts'
import { sealRecord } from '../../src/records/seal-record.ts'
import { silentLogger } from '../../src/testing/silent-logger.ts'
import { addr, addrs, known, newKey, node, texts } from './kit.ts'
import { nodeWithStore } from './node-with-store.ts'
import type { NodeWithStore } from './node-with-store.ts'
import type { PeerStore } from '@libp2p/interface'

const { key, peer } = await newKey()
const other = await newKey()

async function record (seq: number, from: number, to: number): Promise<Uint8Array> {
  return sealRecord(key, { seq: BigInt(seq), multiaddrs: addrs(from, to) })
}

/** Returns a node whose book has addresses of four sources */
async function filled (): Promise<NodeWithStore> {
  const made = nodeWithStore()
  await made.book.start()
  made.book.observe(peer, addrs(1, 3), { source: 'user' })
  made.book.observe(peer, addrs(2, 4), { source: 'dht' })
  made.book.recordDialled(peer, [addr(3)])
  await made.book.recordWritten(await record(5, 4, 5), { expectedPeer: peer })
  made.book.observe(other.peer, addr(1), { source: 'user' })

  return made
}

const all = addrs(1, 5).map(String)

test('deleting a peer in the peer store removes its addresses, except pinned and connected ones', async t => {
  const { book, peerStore, connect, disconnect } = await filled()
  const pin = book.owner('replication').pin(peer, { addresses: [addr(2)] })
  const connection = connect(peer, addr(3))

  await peerStore.delete(peer)
  t.deepEqual(known(book, peer), { [`${addr(2)}`]: [], [`${addr(3)}`]: [] })
  t.is(book.records(peer).size, 0)
  t.deepEqual(texts(book, other.peer), [`${addr(1)}`])
  disconnect(connection)
  pin.release()
  t.deepEqual(texts(book, peer), [])
  await book.stop()
})

for (const [name, write, left] of [
  ['save() with addresses', async store => store.save(peer, { multiaddrs: [addr(2).encapsulate(`/p2p/${peer}`), addr(9)] }), [addr(2)]],
  ['save() without addresses', async store => store.save(peer, { protocols: ['/x'] }), []],
  ['patch() with addresses', async store => store.patch(peer, { addresses: [{ multiaddr: addr(3), isCertified: false }] }), [addr(3)]],
  ['patch() with no addresses', async store => store.patch(peer, { multiaddrs: [] }), []]
] as Array<[name: string, write: (store: PeerStore) => Promise<unknown>, left: Array<ReturnType<typeof addr>>]>) {
  test(`an address that ${name} leaves out is removed from the book`, async t => {
    const { book, peerStore } = await filled()
    await write(peerStore)
    t.deepEqual(texts(book, peer), left.map(String))
    t.deepEqual(texts(book, other.peer), [`${addr(1)}`])
    await book.stop()
  })
}

test('a write to the peer store that adds addresses, or has none, removes nothing from the book', async t => {
  const { book, peerStore } = await filled()
  await peerStore.merge(peer, { multiaddrs: [addr(9)] })
  await peerStore.patch(peer, { protocols: ['/x'], tags: {}, metadata: {} })
  await peerStore.merge(peer, { tags: { x: { value: 1 } } })
  t.deepEqual(texts(book, peer), all)
  await book.stop()
})

test('a patch by identify removes no reports of others', async t => {
  const { book, peerStore } = await filled()
  await peerStore.patch(peer, { addresses: [{ multiaddr: addr(9), isCertified: false }], protocols: ['/x'] })
  await peerStore.patch(peer, { addresses: [{ multiaddr: addr(9), isCertified: false }], publicKey: key.publicKey })
  t.deepEqual(texts(book, peer), all)
  await book.stop()
})

test('a record that identify writes replaces the book\'s record, and is ignored when the book has none', async t => {
  const { book, peerStore } = await filled()
  t.true(await peerStore.consumePeerRecord(await record(6, 7, 8)))
  t.deepEqual(known(book, peer), { [`${addr(1)}`]: ['user'], [`${addr(2)}`]: ['user', 'dht'], [`${addr(3)}`]: ['dht', 'dialled'], [`${addr(7)}`]: ['certified'] })

  await peerStore.consumePeerRecord(await sealRecord(other.key, { seq: 1n, multiaddrs: [addr(8)] }))
  t.deepEqual(texts(book, other.peer), [`${addr(1)}`])
  await book.stop()
})

test('a failed write to the peer store removes nothing from the book', async t => {
  const { book, peerStore } = await filled()
  await t.throwsAsync(peerStore.save(peer, { multiaddrs: ['/ip4/1.2.3.4/tcp/1' as any] }), { name: 'InvalidParametersError' })
  await t.throwsAsync(peerStore.patch(peer, undefined as any), { name: 'InvalidParametersError' })
  await t.throwsAsync(peerStore.save(peer, null as any), { name: 'InvalidParametersError' })
  await t.throwsAsync(peerStore.delete(undefined as any), { name: 'TypeError' })
  t.deepEqual(texts(book, peer), all)
  await book.stop()
})

test('a write to the peer store starts synchronously when nobody has the turn of its peer', async t => {
  const { book, peerStore } = nodeWithStore()
  const began: string[] = []

  for (const name of ['delete', 'save', 'patch', 'merge'] as const) {
    peerStore[name] = async () => { began.push(name); return undefined as any }
  }

  await book.start()
  const done = Promise.all([peerStore.delete(peer), peerStore.save(peer, {}), peerStore.patch(peer, { multiaddrs: [] }), peerStore.merge(peer, { multiaddrs: [] })])
  t.deepEqual(began, ['delete', 'save', 'patch', 'merge'])
  await done
  await book.stop()
})

test('stop() restores the peer store\'s methods, and start() watches writes again', async t => {
  const { book, peerStore } = await filled()
  await book.stop()
  const own = Object.getOwnPropertyDescriptors(peerStore)
  await peerStore.delete(peer)
  t.deepEqual(texts(book, peer), all)

  await book.beforeStart()
  await book.start()
  await peerStore.delete(peer)
  t.deepEqual(texts(book, peer), [])
  await book.stop()
  t.deepEqual(Object.getOwnPropertyDescriptors(peerStore), own)
})

test('stop() keeps wrappers that others added since, and no longer hears of writes', async t => {
  const { book, peerStore } = await filled()
  const { delete: remove } = peerStore
  let removed = 0
  peerStore.delete = async (...args) => { removed++; return remove.apply(peerStore, args) }

  await book.stop()
  await peerStore.delete(peer)
  t.is(removed, 1)
  t.deepEqual(texts(book, peer), all)

  await book.start()
  await peerStore.delete(peer)
  t.is(removed, 2)
  t.deepEqual(texts(book, peer), [])
  await book.stop()
})

for (const order of ['the first', 'the last'] as const) {
  test(`two books of one peer store both see deletions, and ${order} may stop first`, async t => {
    const made = await filled()
    const { peerStore, stored } = made
    const second = new AddressBook({ ...made, peerId: made.self, privateKey: key, addressManager: { getAddresses: () => [] }, peerStore, logger: { forComponent: () => Object.assign(() => {}, { error: t.log }) } as any, connectionManager: { getConnections: () => [] } }, { clock: made.clock })
    await second.start()
    second.observe(peer, addr(1), { source: 'user' })

    const [one, two] = await Promise.all([made.book.consumeRecord(await record(7, 7, 8)), second.consumeRecord(await record(8, 8, 9)), peerStore.merge(peer, { multiaddrs: [addr(20)] })])
    t.deepEqual([one.status, two.status], ['accepted', 'accepted'])
    t.deepEqual(await stored(peer), [`${addr(20)}`, `${addr(8)}+`].toSorted((a, b) => a.localeCompare(b)))
    t.deepEqual(texts(second, peer), [`${addr(1)}`, `${addr(8)}`])

    const [leaves, stays] = order === 'the first' ? [made.book, second] : [second, made.book]
    await leaves.stop()
    await peerStore.delete(peer)
    t.deepEqual(texts(stays, peer), [])
    t.not(texts(leaves, peer).length, 0)
    await stays.stop()
  })
}

test('a frozen peer store is logged, and the book starts', async t => {
  const { book, log } = node({ peerStore: (peerId, events) => Object.freeze(persistentPeerStore({ peerId, events, datastore: new MemoryDatastore(), logger: silentLogger })) })
  await book.start()
  t.regex(log.join(), /cannot be replaced/)
  await book.stop()
})
