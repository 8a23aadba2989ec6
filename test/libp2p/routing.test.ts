import { NotFoundError, peerRoutingSymbol } from '@libp2p/interface'
import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import test from 'ava'
import { adaptive, staggered, stock } from '../../presets/index.ts'
import { withProvenance } from '../../src/address-book/index.ts'
import { dialer } from '../../src/index.ts'
import { fromPeerStore, fromRouting, pipeline, provenance, race } from '../../src/stages/index.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, dialling, leadsTo, listening } from './kit.ts'
import type { PeerId, PeerRouting } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const dhtServices = () => ({
  identify: identify(),
  ping: ping(),
  dht: kadDHT({ protocol: '/test/kad/1.0.0', clientMode: false, peerInfoMapper: passthroughMapper })
})

test('a peer that only the DHT knows is dialled by its id', async t => {
  const [node, middle, remote] = await Promise.all([
    dialling(t, staggered(), { services: dhtServices() }),
    listening(t, { services: dhtServices() }),
    listening(t, { services: dhtServices() })
  ])

  await node.dial(middle.getMultiaddrs())
  t.is(await until(() => routingTable(node), size => size === 1), 1)
  // the DHT first refreshes its table once by itself, which must end before the other peer joins
  await t.throwsAsync(node.peerRouting.findPeer(await newPeer()), { name: 'NotFoundError' })

  await remote.dial(middle.getMultiaddrs())
  t.is(await until(() => routingTable(middle), size => size === 1), 1)
  await t.throwsAsync(node.peerStore.get(remote.peerId), { name: 'NotFoundError' })

  leadsTo(t, await node.dial(remote.peerId), remote)

  const [trace] = node.services.dialer.traces(remote.peerId)
  t.true(trace?.candidates.every(({ provenance }) => provenance.includes('routing')))
})

test('excluding dht drops the address that the DHT finds during the dial', async t => {
  const [server, remote] = await Promise.all([listening(t, { services: dhtServices() }), listening(t)])
  const node: any = await listening(t, withProvenance({ services: { ...dhtServices(), dialer: dialer(adaptive().after('from-routing', provenance())) } }) as object)
  await server.peerStore.merge(remote.peerId, { multiaddrs: addressesOf(remote) })
  await node.dial(server.getMultiaddrs())
  t.is(await until(() => routingTable(node), size => size === 1), 1)

  await t.throwsAsync(node.dial(remote.peerId, { provenance: { exclude: ['dht'] } }), { name: 'NoValidAddressesError', message: /dropped by provenance: from dht, which is excluded/ })
  await node.peerStore.delete(remote.peerId)
  leadsTo(t, await node.dial(remote.peerId, { provenance: ['dht'] }), remote)
})

test('stock(): peer routers are asked about an unknown peer', async t => {
  const asked: string[] = []
  const remote = await listening(t)
  const node = await dialling(t, stock(), { services: { router: router(asked, () => remote.getMultiaddrs()) } })

  leadsTo(t, await node.dial(remote.peerId), remote)
  t.deepEqual(asked, [`${remote.peerId}`])
})

test('stock(): peer routers are not asked about a peer that answers', async t => {
  const asked: string[] = []
  const remote = await listening(t)
  const node = await dialling(t, stock(), { services: { router: router(asked, () => []) } })
  await node.peerStore.merge(remote.peerId, { multiaddrs: remote.getMultiaddrs() })

  leadsTo(t, await node.dial(remote.peerId), remote)
  t.deepEqual(asked, [])
})

test('stock(): a peer that routers do not know rejects with NoValidAddressesError', async t => {
  const asked: string[] = []
  const [node, peer] = await Promise.all([
    dialling(t, stock(), { services: { router: router(asked, () => { throw new NotFoundError('no such peer') }) } }),
    newPeer()
  ])

  await t.throwsAsync(node.dial(peer), { name: 'NoValidAddressesError', message: new RegExp(`${peer} \\(no address found\\)$`) })
  t.deepEqual(asked, [`${peer}`])
})

test('another network ends the spacing of look-ups', async t => {
  const asked: string[] = []
  const [closed, peer] = await Promise.all([refused(), newPeer()])
  const node = await dialling(t, pipeline(fromPeerStore(), fromRouting({ when: 'exhausted' }), race()), { services: { router: router(asked, () => { throw new NotFoundError('no such peer') }) } })
  await node.peerStore.merge(peer, { multiaddrs: [closed.multiaddr] })

  for (const network of ['home', 'home', 'office']) {
    node.services.dialer.history.networkChanged(network)
    await t.throwsAsync(node.dial(peer))
    await t.throwsAsync(node.dial(peer), { message: /ECONNREFUSED/ })
  }

  t.is(asked.length, 3)
})

function routingTable ({ services }: { services: object }): number {
  return (services as { dht: { routingTable: { size: number } } }).dht.routingTable.size
}

function router (asked: string[], find: () => Multiaddr[]): () => unknown {
  const routing: PeerRouting = {
    findPeer: async (id: PeerId) => {
      asked.push(id.toString())

      return { id, multiaddrs: find() }
    },
    getClosestPeers: async function * () {}
  }

  return () => ({ [peerRoutingSymbol]: routing })
}
