import test from 'ava'
import { a, b, c, d, scene, sealed, stored } from './scene.ts'

test('the view of each module reports the addresses that it writes under the module\'s source', async t => {
  const { identify, attribution, components, book, peer } = await scene()
  const relay = attribution.view({ name: 'relay', source: 'derived' })

  await identify.patch(peer, { multiaddrs: [a] })
  await relay.merge(peer, { multiaddrs: [b] })
  await components.peerStore.merge(peer, { multiaddrs: [c] })

  t.deepEqual(book.lines, [`${a} identify by peer`, `${b} derived`, `${c} unknown`])
})

test('patch() by identify replaces the peer\'s earlier reports about itself, and no reports of others', async t => {
  const { identify, components, user, book, peer } = await scene()
  await user.merge(peer, { multiaddrs: [a] })
  await components.peerStore.merge(peer, { multiaddrs: [b] })

  await identify.patch(peer, { multiaddrs: [a, c] })
  await identify.merge(peer, { multiaddrs: [b] })
  t.deepEqual(book.lines, [`${a} user`, `${b} unknown`, `${a} identify by peer`, `${c} identify by peer`, `${b} identify by peer`])

  await identify.patch(peer, { multiaddrs: [c] })
  t.deepEqual(book.lines, [`${a} user`, `${b} unknown`, `${c} identify by peer`])
  await identify.patch(peer, { protocols: ['/x'] })
  t.deepEqual(book.lines, [`${a} user`, `${b} unknown`, `${c} identify by peer`])
  await identify.patch(peer, { multiaddrs: [] })
  t.deepEqual(book.lines, [`${a} user`, `${b} unknown`])
})

test('an address stored with last-dial-success becomes dialled, except when a user or a named module writes it', async t => {
  const { attribution, components, book, user, peer } = await scene()
  const metadata = { 'last-dial-success': new Uint8Array(1) }
  attribution.sourceTags.mark([a], { source: 'dht' })

  await components.peerStore.merge(peer, { multiaddrs: [a], metadata })
  await components.peerStore.merge(peer, { multiaddrs: [b], metadata: new Map(Object.entries(metadata)) })
  await user.merge(peer, { multiaddrs: [c], metadata })
  await attribution.view({ name: 'other', source: 'pubsub' }).merge(peer, { multiaddrs: [d], metadata })

  t.deepEqual(book.lines, [`${a} dialled`, `${b} dialled`, `${c} user`, `${d} pubsub`])
})

test('an address keeps the source that found it when another module stores it', async t => {
  const { attribution, components, book, user, peer, other } = await scene()
  attribution.sourceTags.mark([a, b], { source: 'dht', reporter: other })
  attribution.sourceTags.mark([b], { source: 'routing' })

  await components.peerStore.merge(peer, { multiaddrs: [a, c] })
  await user.merge(peer, { multiaddrs: [b] })

  t.deepEqual(book.lines, [`${a} dht by other`, `${c} unknown`, `${b} dht by other`])
})

test('consumePeerRecord() by a module passes the record to the book and replaces certified addresses, not the user\'s', async t => {
  const { identify, attribution, user, book, peer, key, other } = await scene()
  const pubsub = attribution.view({ name: 'pubsub', source: 'bootstrap', record: 'pubsub' })
  const record = await sealed(key, [a])

  await pubsub.merge(peer, { multiaddrs: [b] })
  await identify.merge(peer, { multiaddrs: [d] })
  await user.merge(peer, { multiaddrs: [c] })

  t.false(await pubsub.consumePeerRecord(record, { expectedPeer: other }))
  t.true(await pubsub.consumePeerRecord(record, { expectedPeer: peer }))
  t.false(await pubsub.consumePeerRecord(record))

  t.deepEqual(book.records, [record])
  t.deepEqual(book.lines, [`${b} bootstrap`, `${d} identify by peer`, `${c} user`, `${a} pubsub`])
  t.deepEqual(await stored(user, peer), [`${a}`, `${b}`, `${c}`])
  t.deepEqual((await user.get(peer)).addresses.filter(({ isCertified }) => isCertified).map(({ multiaddr }) => multiaddr.toString()), [`${a}`])
})

test('writes of this node\'s own addresses, and writes without addresses, add no report', async t => {
  const { user, components, book, self, peer } = await scene()

  await components.peerStore.patch(self, { multiaddrs: [a] })
  await user.merge(self, { multiaddrs: [a] })
  await components.peerStore.merge(peer, { tags: { x: { value: 1 } } })

  t.deepEqual(book.reports, [])
  t.deepEqual(await stored(user, self), [`${a}`])
})
