import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify, identifyPush } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { createLibp2p } from 'libp2p'
import { adaptive } from '../../presets/index.ts'
import { withProvenance, withSource } from '../../src/address-book/index.ts'
import { dialer } from '../../src/index.ts'
import { Recording } from '../address-book/attribution/recording.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { Finder, plain, Router, RouterService } from './attribution-scene.ts'
import { addressesOf, listening } from './kit.ts'
import type { GossipSub, GossipsubOpts } from '@libp2p/gossipsub'
import type { Libp2p, PeerInfo } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const topic = 'topic'

// interop runs nodes without these packages
const bootstrap = await import('@libp2p/bootstrap').then(module => module.bootstrap, () => undefined)
const gossipsub = await import('@libp2p/gossipsub').then(module => module.gossipsub, () => undefined)

const dht = (): ReturnType<typeof kadDHT> => kadDHT({ protocol: '/test/kad/1.0.0', clientMode: false, peerInfoMapper: passthroughMapper, allowQueryWithZeroPeers: true })

function pubsub (init: Partial<GossipsubOpts> = {}): Record<string, (components: any) => unknown> {
  return gossipsub == null ? {} : { pubsub: gossipsub({ heartbeatInterval: 100, ...init }) }
}

test('each address of a node is attributed to the source that named it', async t => {
  const book = new Recording()
  const mdns = new Finder('@libp2p/mdns')
  const tracker = new Finder('tracker')
  const stranger = new Finder('stranger')
  const [router, contentRouter, service] = [new Router(), new Router(), new RouterService()]

  const [listed, server, met, hub, exchanged] = await Promise.all([
    listening(t),
    listening(t, { services: { identify: identify(), ping: ping(), dht: dht() } }),
    listening(t, { services: { identify: identify(), identifyPush: identifyPush() } }),
    // its mesh has room for one peer, and it refers others to that peer
    listening(t, { services: { identify: identify(), ...pubsub({ doPX: true, D: 1, Dlo: 0, Dhi: 1, Dscore: 0, Dout: 0 }) } }),
    listening(t, { services: { identify: identify(), ...pubsub() } })
  ])

  const node = await createLibp2p(withProvenance({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    connectionMonitor: { enabled: false },
    transports: [tcp(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    peerRouters: [() => router],
    contentRouters: [() => contentRouter],
    peerDiscovery: [
      () => mdns,
      withSource('tracker', () => tracker),
      () => stranger,
      ...bootstrap == null ? [] : [bootstrap({ list: addressesOf(listed).map(String).slice(0, 1), timeout: 0 })]
    ],
    services: {
      dialer: dialer(adaptive()),
      service: () => service,
      dht: dht(),
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      addressBook: () => book,
      ...pubsub({ scoreThresholds: { acceptPXThreshold: 0 } })
    }
  }))
  t.teardown(async () => { await node.stop() })
  book.name({ self: node.peerId, listed: listed.peerId, server: server.peerId, met: met.peerId, exchanged: exchanged.peerId })

  // addresses of peer discoveries
  const found = await named(book, ['lan', 'tracked', 'strange', 'routed', 'close', 'provider', 'serviced', 'known', 'given', 'relay'])
  mdns.find(found.lan)
  tracker.find(found.tracked)
  stranger.find(found.strange)
  await book.hears(`${address('lan')} mdns`)
  await book.hears(`${address('tracked')} tracker`)
  await book.hears(`${address('strange')} unknown`)

  if (bootstrap != null) {
    await book.hears(`${addressesOf(listed)[0]} bootstrap`)
  }

  // addresses of the user
  await node.peerStore.merge(found.given.id, { multiaddrs: found.given.multiaddrs })
  await book.hears(`${address('given')} user`)

  // addresses of peer routers
  router.infos.push(() => found.routed, () => found.close)
  await node.peerRouting.findPeer(found.routed.id)
  await book.hears(`${address('routed')} routing`)
  await exhaust(node.peerRouting.getClosestPeers(found.close.id.toMultihash().bytes))
  await book.hears(`${address('close')} routing`)
  contentRouter.infos.push(() => found.provider)
  service.router.infos.push(() => found.serviced)
  await exhaust(node.contentRouting.findProviders(found.provider.id.toCID()))
  await book.hears(`${address('provider')} routing`)
  await book.hears(`${address('serviced')} routing`)

  // a dialled address, and those that identify then reports
  await node.dial(addressesOf(met)[0])
  await book.hears(`${addressesOf(met)[0]} dialled`)
  await book.hears(`${plain(addressesOf(met, 'ws')[0])} identify by met`)
  t.is(book.records.length, 1)

  // identify push reports another address
  const before = new Set(met.getMultiaddrs().map(String))
  await (met as any).components.transportManager.listen([multiaddr('/ip4/127.0.0.1/tcp/0')])
  const news = met.getMultiaddrs().find(multiaddr => !before.has(multiaddr.toString())) as Multiaddr
  await book.hears(`${plain(news)} identify by met`)

  // addresses that a DHT server knows of others
  await server.peerStore.merge(found.known.id, { multiaddrs: found.known.multiaddrs })
  const inTables = [node, server].map(async ({ services }: any) => pEvent(services.dht.routingTable, 'peer:add'))
  await node.dial(addressesOf(server)[0])
  await Promise.all(inTables)
  await node.peerRouting.findPeer(found.known.id, { signal: AbortSignal.timeout(10_000) })
  await book.hears(`${address('known')} dht by server`)

  // a provider that announces itself
  await server.contentRouting.provide(peerIdFromString('QmaozNR7DZHQK1ZcU9p7QdrshMvXqWK6gpu5rmrkPdT3L4').toCID(), { signal: AbortSignal.timeout(10_000) })
  await book.hears(`${addressesOf(server)[0]} dht by server`)

  // the DHT finds this peer in the node's own peer store, which adds no source
  await node.peerRouting.findPeer(found.given.id)

  // the relay of a circuit address
  await t.throwsAsync(node.dial(multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${found.relay.id}/p2p-circuit/p2p/${found.known.id}`)), { name: 'Error' })
  await book.hears(`/ip4/127.0.0.1/tcp/1/p2p/${found.relay.id} derived`)

  if (gossipsub != null) {
    const meshed = pEvent(subscribe(hub), 'gossipsub:graft')
    subscribe(exchanged)
    await exchanged.dial(addressesOf(hub)[0])
    await meshed
    await node.dial(addressesOf(hub)[0])
    subscribe(node)
    await book.hears(`${plain(addressesOf(exchanged)[0])} pubsub`)
  }

  t.deepEqual(book.of('given'), [`${address('given')} user`])
  t.deepEqual(book.of('known'), [`${address('known')} dht by server`])
  t.deepEqual(book.of('lan'), [`${address('lan')} mdns`])
  t.deepEqual(book.of('provider'), [`${address('provider')} routing`])
  t.deepEqual(book.of('relay'), [`/ip4/127.0.0.1/tcp/1/p2p/${found.relay.id} derived`])
  t.deepEqual(book.of('self'), [])
  t.deepEqual(node.services.provenance.problems, [])
})

async function pEvent (target: Pick<GossipSub, 'addEventListener'>, name: any): Promise<unknown> {
  return new Promise(resolve => { target.addEventListener(name, resolve, { once: true }) })
}

function subscribe (node: Libp2p): GossipSub {
  const { pubsub } = node.services as unknown as { pubsub: GossipSub }
  pubsub.subscribe(topic)

  return pubsub
}

/** Returns peers with one address each that names them */
async function named<const Names extends readonly string[]> (book: Recording, names: Names): Promise<Record<Names[number], PeerInfo>> {
  const infos = Object.fromEntries(await Promise.all(names.map(async name => [name, { id: await newPeer(), multiaddrs: [multiaddr(address(name))] }])))
  book.name(Object.fromEntries(names.map(name => [name, infos[name].id])))

  return infos
}

function address (name: string): string {
  return `/dns4/${name}.test/tcp/1`
}

async function exhaust (source: AsyncIterable<unknown>): Promise<void> {
  const seen = []

  for await (const one of source) {
    seen.push(one)
  }
}
