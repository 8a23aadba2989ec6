// the address book and the peer store of a real node agree on a peer, with and without withProvenance()
import { bootstrap } from '@libp2p/bootstrap'
import { identify } from '@libp2p/identify'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core/memory'
import { addressBook, withProvenance } from '../../src/address-book/index.ts'
import { sealRecord } from '../../src/records/seal-record.ts'
import { createMemoryNode } from '../helpers/node.ts'
import { addr, newKey, texts } from './kit.ts'
import { storedIn } from './node-with-store.ts'
import type { AddressBook } from '../../src/address-book/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { NodeOptions } from '../helpers/node.ts'

type Node = Libp2p<{ addressBook: AddressBook, identify: any }>

const kinds: Array<[name: string, create: (init?: NodeOptions<any>) => Promise<Node>]> = [
  ['withProvenance()', async init => createMemoryNode(withProvenance({ listen: [], ...init, services: { identify: identify(), addressBook: addressBook() } } as any)) as any],
  ['addressBook()', async init => createMemoryNode({ listen: [], ...init, services: { identify: identify(), addressBook: addressBook() } })]
]

for (const [name, create] of kinds) {
  test(`${name}: consuming a signed record keeps user-given and configured addresses, and writes the record once`, async t => {
    const { key, peer } = await newKey()
    const node = await create({ start: false, peerDiscovery: [bootstrap({ list: [`${addr(1)}/p2p/${peer}`], timeout: 1 })] })
    const book = node.services.addressBook
    const found = new Promise(resolve => { node.addEventListener('peer:discovery', resolve, { once: true }) })
    await node.start()
    await found
    await node.peerStore.merge(peer, { multiaddrs: [addr(2), addr(3)] })
    let updates = 0
    let changes = 0
    // counts only updates with a record, because the discovery may write once more
    node.addEventListener('peer:update', ({ detail }) => { updates += Number(detail.peer.peerRecordEnvelope != null) })
    book.subscribe(peer, () => { changes++ })

    await book.consumeRecord(await sealRecord(key, { seq: 1n, multiaddrs: [addr(3), addr(4)] }))
    t.deepEqual(await storedIn(node.peerStore, peer), [`${addr(1)}`, `${addr(2)}`, `${addr(3)}+`, `${addr(4)}+`])
    t.deepEqual([updates, changes], [1, 1])
    await book.consumeRecord(await sealRecord(key, { seq: 2n, multiaddrs: [addr(5)] }))
    t.deepEqual(await storedIn(node.peerStore, peer), [`${addr(1)}`, `${addr(2)}`, `${addr(3)}`, `${addr(5)}+`])
    t.deepEqual([updates, changes], [2, 2])
    t.deepEqual(book.query(peer).filter(({ isCertified }) => isCertified).map(({ multiaddr }) => multiaddr.toString()), [`${addr(5)}`])
    t.deepEqual((await node.peerStore.get(peer)).peerRecordEnvelope, book.records(peer).get(peer.toString())?.envelope)
    await node.stop()
  })

  test(`${name}: the peer store takes and refuses lists of addresses as libp2p's does`, async t => {
    const [node, stock] = await Promise.all([create(), createMemoryNode({ listen: [] })])
    const { peer } = await newKey()
    const of = { multiaddr: addr(1), isCertified: false }
    // `any`: lists that only JavaScript can pass
    const lists: any[] = [
      { addresses: null, multiaddrs: [addr(2)] }, { addresses: [of], multiaddrs: null }, { addresses: null, multiaddrs: null },
      { addresses: new Set([of]) }, { addresses: 'text' }, { addresses: {} }, { addresses: [null] }, { multiaddrs: new Set([addr(3)]) }, { multiaddrs: {} }
    ]

    for (const list of lists) {
      for (const write of ['merge', 'patch', 'save'] as const) {
        const [ours, theirs] = await Promise.all([node, stock].map(async ({ peerStore }) => peerStore[write](peer, list).then(async () => storedIn(peerStore, peer), err => `${err.name}: ${err.message}`)))
        t.deepEqual(ours, theirs)
      }
    }

    await Promise.all([node.stop(), stock.stop()])
  })

  test(`${name}: libp2p's own dialer dials an address from a consumed record`, async t => {
    const privateKey = await generateKeyPair('Ed25519')
    const [remote, node] = await Promise.all([createMemoryNode({ privateKey }), create()])
    await node.services.addressBook.consumeRecord(await sealRecord(privateKey, { seq: 1n, multiaddrs: remote.getMultiaddrs() }))
    t.is((await node.dial(remote.peerId)).status, 'open')
    await Promise.all([node.stop(), remote.stop()])
  })

  test(`${name}: deleting a peer, or replacing its addresses in the peer store, removes them from the address book`, async t => {
    const [remote, node] = await Promise.all([createMemoryNode({ services: { identify: identify() } }), create()])
    const book = node.services.addressBook
    const [own = ''] = remote.getMultiaddrs().map(one => one.decapsulate(`/p2p/${remote.peerId}`).toString())
    const connect = async (): Promise<void> => {
      const identified = new Promise(resolve => { node.addEventListener('peer:identify', resolve, { once: true }) })
      await node.dial(remote.getMultiaddrs())
      await identified
      await node.hangUp(remote.peerId)
      t.true(texts(book, remote.peerId).includes(own))
    }

    await connect()
    await node.peerStore.delete(remote.peerId)
    t.deepEqual(texts(book, remote.peerId), [])

    for (const write of ['save', 'patch'] as const) {
      await connect()
      await node.peerStore[write](remote.peerId, { multiaddrs: [multiaddr('/memory/nobody')] })
      t.deepEqual(texts(book, remote.peerId).filter(text => text !== '/memory/nobody'), [])
    }

    await Promise.all([node.stop(), remote.stop()])
  })

  test(`${name}: a peer that is deleted before the node starts does not return from the datastore`, async t => {
    const { peer } = await newKey()
    const init = { datastore: new MemoryDatastore(), privateKey: await generateKeyPair('Ed25519') }
    const before = await create(init)
    before.services.addressBook.observe(peer, addr(1), { source: 'user' })
    await before.stop()

    const node = await create({ ...init, start: false })
    await node.peerStore.delete(peer)
    await node.start()
    t.deepEqual(texts(node.services.addressBook, peer), [])
    await node.stop()
  })

  test(`${name}: a node does not read its own addresses from a datastore that another node uses too`, async t => {
    const datastore = new MemoryDatastore()
    const [first, second] = [{ datastore, privateKey: await generateKeyPair('Ed25519') }, { datastore, privateKey: await generateKeyPair('Ed25519') }]
    const other = peerIdFromPrivateKey(second.privateKey)
    const before = await create(first)
    before.services.addressBook.observe(other, addr(1), { source: 'user' })
    await before.stop()

    const node = await create(second)
    t.deepEqual([...node.services.addressBook.peers()], [])
    await node.stop()
    const after = await create(first)
    t.deepEqual(texts(after.services.addressBook, other), [`${addr(1)}`])
    await after.stop()
  })

  test(`${name}: identify does not remove user-given addresses, or an address that was dialled, from the book`, async t => {
    const unannounced = `/memory/unannounced-${name}`
    const [remote, node] = await Promise.all([createMemoryNode({ listen: [unannounced], addresses: { announce: ['/memory/announced'] }, services: { identify: identify() } }), create()])
    const book = node.services.addressBook
    book.observe(remote.peerId, multiaddr('/memory/of-the-user'), { source: 'user' })
    const identified = new Promise(resolve => { node.addEventListener('peer:identify', resolve, { once: true }) })
    await node.dial(multiaddr(`${unannounced}/p2p/${remote.peerId}`))
    await identified
    await node.hangUp(remote.peerId)
    const known = texts(book, remote.peerId)
    t.true(known.includes('/memory/of-the-user'), String(known))
    t.true(known.includes(unannounced), String(known))
    await Promise.all([node.stop(), remote.stop()])
  })
}
