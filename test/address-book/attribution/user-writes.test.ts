import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { a, b, c, scene, sealed, stored } from './scene.ts'

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
    const { identify, user, book, peer, other } = await scene()
    await identify.merge(peer, { multiaddrs: [a, b] })
    await identify.merge(other, { multiaddrs: [b] })

    await user[operation](peer, { multiaddrs: [multiaddr(a.toString()), c] })
    t.deepEqual(book.of('peer'), [`${a} identify by peer`, `${a} user`, `${c} user`])
    t.deepEqual(book.of('other'), [`${b} identify by other`])
  })
}

test('deleting a peer, or saving it without addresses, as the user removes its reports of every source', async t => {
  const { identify, user, book, peer } = await scene()

  for (const write of [async () => user.delete(peer), async () => user.save(peer, { protocols: ['/x'] }), async () => user.patch(peer, { multiaddrs: [] })]) {
    await identify.merge(peer, { multiaddrs: [a] })
    t.deepEqual(book.lines, [`${a} identify by peer`])
    await write()
    t.deepEqual(book.lines, [])
  }

  await identify.merge(peer, { multiaddrs: [a] })
  await user.patch(peer, { protocols: ['/y'] })
  await user.merge(peer, { protocols: ['/z'] })
  t.deepEqual(book.lines, [`${a} identify by peer`])
})

test('a user who reads addresses, adds one and writes them back keeps the sources of the others', async t => {
  const { attribution, user, book, peer } = await scene()
  await user.merge(peer, { multiaddrs: [a] })
  await attribution.view({ name: 'dht', source: 'dht' }).merge(peer, { multiaddrs: [b] })

  await user.patch(peer, { addresses: [...(await user.get(peer)).addresses, { multiaddr: c, isCertified: false }] })

  t.deepEqual(book.lines.toSorted((a, b) => a.localeCompare(b)), [`${a} user`, `${b} dht`, `${c} user`])
})

test('a user\'s write that fails removes no report', async t => {
  const { identify, user, book, peer } = await scene()
  await identify.merge(peer, { multiaddrs: [a] })

  // `any`, in the three cases: arguments that only JavaScript can pass
  for (const [name, write] of [
    ['InvalidParametersError', async () => user.patch(peer, { multiaddrs: ['no address' as any] })],
    ['InvalidParametersError', async () => user.save(peer, { multiaddrs: [], metadata: { key: 'no bytes' as any } })],
    ['InvalidParametersError', async () => user.save(peer, undefined as any)],
    ['AbortError', async () => user.patch(peer, { multiaddrs: [] }, { signal: AbortSignal.abort() })],
    ['AbortError', async () => user.delete(peer, { signal: AbortSignal.abort() })]
  ] as Array<[string, () => Promise<unknown>]>) {
    await t.throwsAsync(write(), { name })
    t.deepEqual(book.lines, [`${a} identify by peer`])
    t.deepEqual(await stored(user, peer), [`${a}`])
  }
})

test('a write of an invalid multiaddr throws and adds no report', async t => {
  const { user, book, peer } = await scene()

  // `any`: an argument that only JavaScript can pass
  await t.throwsAsync(user.merge(peer, { multiaddrs: ['/ip4/203.0.113.1/tcp/1' as any] }), { name: 'InvalidParametersError' })

  t.deepEqual(book.reports, [])
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
