import test from 'ava'
import { a, scene } from './scene.ts'

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
