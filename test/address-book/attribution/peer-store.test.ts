import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { scene, sealed, stored } from './scene.ts'

const a = multiaddr('/ip4/203.0.113.1/tcp/1')
const b = multiaddr('/ip4/203.0.113.2/tcp/2')
const c = multiaddr('/ip4/203.0.113.3/tcp/3')

test('an address written through node.peerStore has the source user', async t => {
  const { user, book, peer } = await scene()

  await user.merge(peer, { multiaddrs: [a] })
  await user.patch(peer, { addresses: [{ multiaddr: b, isCertified: false }] })
  await user.save(peer, { multiaddrs: [c] })

  t.deepEqual(book.lines, [`${c} user`])
  t.deepEqual(await stored(user, peer), [`${c}`])
})

test('the book removes a user-given address that the user replaces or deletes', async t => {
  const { user, book, peer } = await scene()

  await user.merge(peer, { multiaddrs: [a] })
  await user.patch(peer, { multiaddrs: [b] })
  t.deepEqual(book.lines, [`${b} user`])

  await user.delete(peer)
  t.deepEqual(book.lines, [])
})

for (const operation of ['patch', 'save'] as const) {
  test(`${operation}() by the user removes addresses of any source that it leaves out, and keeps the sources of the others`, async t => {
    const { attribution, user, book, peer, other } = await scene()
    const identify = attribution.view({ name: 'identify', source: 'identify', isToldByPeer: true })
    await identify.merge(peer, { multiaddrs: [a, b] })
    await identify.merge(other, { multiaddrs: [b] })

    await user[operation](peer, { multiaddrs: [multiaddr(a.toString()), c] })
    t.deepEqual(book.of('peer'), [`${a} identify by peer`, `${a} user`, `${c} user`])
    t.deepEqual(book.of('other'), [`${b} identify by other`])
  })
}

test('deleting a peer, or saving it without addresses, as the user removes its reports of every source', async t => {
  const { attribution, user, book, peer } = await scene()
  const identify = attribution.view({ name: 'identify', source: 'identify', isToldByPeer: true })

  for (const take of [async () => user.delete(peer), async () => user.save(peer, { protocols: ['/x'] }), async () => user.patch(peer, { multiaddrs: [] })]) {
    await identify.merge(peer, { multiaddrs: [a] })
    t.deepEqual(book.lines, [`${a} identify by peer`])
    await take()
    t.deepEqual(book.lines, [])
  }

  await identify.merge(peer, { multiaddrs: [a] })
  await user.patch(peer, { protocols: ['/y'] })
  await user.merge(peer, { protocols: ['/z'] })
  t.deepEqual(book.lines, [`${a} identify by peer`])
})

test('a read sees a write that began before, as in libp2p\'s peer store', async t => {
  const { attribution, user, peer, other } = await scene()
  const view = attribution.view({ name: 'identify', source: 'identify' })
  void user.merge(peer, { multiaddrs: [a] })
  t.deepEqual(await stored(view, peer), [`${a}`])
  void view.patch(peer, { multiaddrs: [b] })
  t.deepEqual(await stored(user, peer), [`${a}`, `${b}`])
  void user.merge(other, { multiaddrs: [a] })
  t.true(await view.has(other))
})

test('writes that begin one after another take effect in that order, with and without addresses', async t => {
  const { user, peer } = await scene()
  const saved = user.save(peer, { multiaddrs: [a] })
  const tagged = user.merge(peer, { tags: { 'keep-alive': {} } })
  await Promise.all([saved, tagged])
  t.deepEqual([...(await user.get(peer)).tags.keys()], ['keep-alive'])
})

test('an address that is written while the peer is being deleted keeps its source', async t => {
  const { user, book, peer } = await scene()
  await user.merge(peer, { multiaddrs: [a] })
  const deleted = user.delete(peer)
  await user.merge(peer, { multiaddrs: [b] })
  await deleted

  t.deepEqual(await stored(user, peer), [`${b}`])
  t.deepEqual(book.lines, [`${b} user`])
})

test('a user\'s write that fails removes no report', async t => {
  const { attribution, user, book, peer } = await scene()
  const identify = attribution.view({ name: 'identify', source: 'identify', isToldByPeer: true })
  await identify.merge(peer, { multiaddrs: [a] })

  // `any`, in the three cases: arguments that only JavaScript can pass
  for (const [name, take] of [
    ['InvalidParametersError', async () => user.patch(peer, { multiaddrs: ['no address' as any] })],
    ['InvalidParametersError', async () => user.save(peer, { multiaddrs: [], metadata: { key: 'no bytes' as any } })],
    ['InvalidParametersError', async () => user.save(peer, undefined as any)],
    ['AbortError', async () => user.patch(peer, { multiaddrs: [] }, { signal: AbortSignal.abort() })],
    ['AbortError', async () => user.delete(peer, { signal: AbortSignal.abort() })]
  ] as Array<[string, () => Promise<unknown>]>) {
    await t.throwsAsync(take(), { name })
    t.deepEqual(book.lines, [`${a} identify by peer`])
    t.deepEqual(await stored(user, peer), [`${a}`])
  }
})

test('a user who reads addresses, adds one and writes them back keeps the sources of the others', async t => {
  const { attribution, user, book, peer } = await scene()
  await user.merge(peer, { multiaddrs: [a] })
  await attribution.view({ name: 'dht', source: 'dht' }).merge(peer, { multiaddrs: [b] })

  await user.patch(peer, { addresses: [...(await user.get(peer)).addresses, { multiaddr: c, isCertified: false }] })

  t.deepEqual(book.lines.toSorted((a, b) => a.localeCompare(b)), [`${a} user`, `${b} dht`, `${c} user`])
})

test('the view of each module reports the addresses that it writes under the module\'s source', async t => {
  const { attribution, components, book, peer } = await scene()
  const identify = attribution.view({ name: 'identify', source: 'identify', isToldByPeer: true })
  const relay = attribution.view({ name: 'relay', source: 'derived' })

  await identify.patch(peer, { multiaddrs: [a] })
  await relay.merge(peer, { multiaddrs: [b] })
  await components.peerStore.merge(peer, { multiaddrs: [c] })

  t.deepEqual(book.lines, [`${a} identify by peer`, `${b} derived`, `${c} unknown`])
})

test('patch() by identify replaces the peer\'s earlier reports about itself, and no reports of others', async t => {
  const { attribution, components, user, book, peer } = await scene()
  const identify = attribution.view({ name: 'identify', source: 'identify', isToldByPeer: true })
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
  await attribution.view({ name: 'other', source: 'pubsub' }).merge(peer, { multiaddrs: [multiaddr('/ip4/203.0.113.4/tcp/4')], metadata })

  t.deepEqual(book.lines, [`${a} dialled`, `${b} dialled`, `${c} user`, '/ip4/203.0.113.4/tcp/4 pubsub'])
})

test('an address keeps the source that found it when another module stores it', async t => {
  const { attribution, components, book, user, peer, other } = await scene()
  attribution.sourceTags.mark([a, b], { source: 'dht', reporter: other })
  attribution.sourceTags.mark([b], { source: 'routing' })

  await components.peerStore.merge(peer, { multiaddrs: [a, c] })
  await user.merge(peer, { multiaddrs: [b] })

  t.deepEqual(book.lines, [`${a} dht by other`, `${c} unknown`, `${b} dht by other`])
})

test('writing an address back after reading it from the peer store adds no report', async t => {
  const { attribution, components, book, user, peer } = await scene()
  await user.merge(peer, { multiaddrs: [a] })

  const dht = attribution.view({ name: 'dht', source: 'dht' })
  const echoes = [
    (await dht.get(peer)).addresses.map(({ multiaddr }) => multiaddr),
    (await dht.getInfo(peer)).multiaddrs,
    (await dht.all()).flatMap(({ addresses }) => addresses.map(({ multiaddr }) => multiaddr)),
    (await dht.merge(peer, { tags: {} })).addresses.map(({ multiaddr }) => multiaddr),
    (await user.get(peer)).addresses.map(({ multiaddr }) => multiaddr)
  ]
  await dht.forEach(({ addresses }) => { echoes.push(addresses.map(({ multiaddr }) => multiaddr)) })

  for (const multiaddrs of echoes) {
    t.deepEqual(multiaddrs.map(String), [`${a}`])
    t.deepEqual(multiaddrs.map(one => attribution.sourceTags.of(one)?.source), ['peer-store'])
    attribution.sourceTags.mark(multiaddrs, { source: 'dht' })
    await components.peerStore.merge(peer, { multiaddrs })
  }

  t.deepEqual(book.lines, [`${a} user`])
})

test('an address read from one node\'s peer store and written to another node\'s counts as user-given there', async t => {
  const [one, other] = await Promise.all([scene(), scene()])
  await one.user.merge(one.peer, { multiaddrs: [a] })
  const multiaddrs = (await one.user.get(one.peer)).addresses.map(({ multiaddr }) => multiaddr)

  await other.user.merge(other.peer, { multiaddrs })

  t.deepEqual(other.book.lines, [`${a} user`])
})

test('writes of this node\'s own addresses, and writes without addresses, add no report', async t => {
  const { user, components, book, self, peer } = await scene()

  await components.peerStore.patch(self, { multiaddrs: [a] })
  await user.merge(self, { multiaddrs: [a] })
  await components.peerStore.merge(peer, { tags: { x: { value: 1 } } })

  t.deepEqual(book.told, [])
  t.deepEqual(await stored(user, self), [`${a}`])
})

test('a write of an invalid multiaddr throws and adds no report', async t => {
  const { user, book, peer } = await scene()

  // `any`: an argument that only JavaScript can pass
  await t.throwsAsync(user.merge(peer, { multiaddrs: ['/ip4/203.0.113.1/tcp/1' as any] }))

  t.deepEqual(book.told, [])
})

test('consumePeerRecord() by a module passes the record to the book and replaces certified addresses, not the user\'s', async t => {
  const { attribution, user, book, peer, key, other } = await scene()
  const pubsub = attribution.view({ name: 'pubsub', source: 'bootstrap', record: 'pubsub' })
  const record = await sealed(key, [a])

  await pubsub.merge(peer, { multiaddrs: [b] })
  await attribution.view({ name: 'identify', source: 'identify' }).merge(peer, { multiaddrs: [multiaddr('/ip4/203.0.113.4/tcp/4')] })
  await user.merge(peer, { multiaddrs: [c] })

  t.false(await pubsub.consumePeerRecord(record, { expectedPeer: other }))
  t.true(await pubsub.consumePeerRecord(record, { expectedPeer: peer }))
  t.false(await pubsub.consumePeerRecord(record))

  t.deepEqual(book.records, [record])
  t.deepEqual(book.lines, [`${b} bootstrap`, '/ip4/203.0.113.4/tcp/4 identify', `${c} user`, `${a} pubsub`])
  t.deepEqual(await stored(user, peer), [`${a}`, `${b}`, `${c}`])
  t.deepEqual((await user.get(peer)).addresses.filter(({ isCertified }) => isCertified).map(({ multiaddr }) => multiaddr.toString()), [`${a}`])
})

test('consumePeerRecord() by the user keeps the user\'s other addresses', async t => {
  const { user, book, peer, key } = await scene()
  await user.merge(peer, { multiaddrs: [c] })

  // `any`: the older form of libp2p takes the peer id directly
  t.true(await user.consumePeerRecord(await sealed(key, [a]), peer as any))
  t.true(await user.consumePeerRecord(await sealed(key, [b], 2n)))

  t.deepEqual(await stored(user, peer), [`${b}`, `${c}`])
  t.is(book.records.length, 2)
  t.true(book.lines.includes(`${c} user`))
})

test('the book already has an address when the listeners of peer:update run', async t => {
  const { user, book, peer, events } = await scene()
  const heard: string[][] = []
  events.addEventListener('peer:update', () => { heard.push(book.lines) })

  await user.merge(peer, { multiaddrs: [a] })

  t.deepEqual(heard, [[`${a} user`]])
})
