// the source of addresses that a peer names to a module is never the user
import { contentRoutingSymbol, peerDiscoverySymbol, peerRoutingSymbol } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { withMarkedDials, markDials } from '../../../src/address-book/attribution/wrap-module.ts'
import { attributedModule } from '../../../src/address-book/attribution/modules.ts'
import { withSource } from '../../../src/address-book/index.ts'
import { dialSourceIn } from '../../../src/pipeline/runtime/live-target.ts'
import { scene } from './scene.ts'

const a = multiaddr('/ip4/203.0.113.1/tcp/1')

/** A connection manager that records the source and options of each dial */
class Connector {
  readonly dials: unknown[] = []
  readonly limit = 7

  async openConnection (_peer: unknown, options: object = {}): Promise<void> {
    this.dials.push([dialSourceIn(options), Object.keys(options)])
  }

  limitOf (): number {
    return this.limit
  }
}

test('the connection manager that dialsAs() returns adds the source to each dial and forwards everything else', async t => {
  const connector = new Connector()
  const dialing = withMarkedDials(connector, 'dcutr')

  await dialing.openConnection(a)
  await dialing.openConnection(a, { force: true })
  await connector.openConnection(a)

  t.deepEqual(connector.dials, [['dcutr', []], ['dcutr', ['force']], [undefined, []]])
  t.deepEqual([dialing.limit, dialing.limitOf()], [7, 7])
})

test('markDials() adds the source to the dials of a module, and adds no connection manager to a module without one', async t => {
  const module = { connectionManager: new Connector() }
  const { dials } = module.connectionManager
  markDials(module, 'autonat')
  await module.connectionManager.openConnection(a)
  t.deepEqual(dials, [['autonat', []]])

  const other = {}
  markDials(other, 'autonat')
  t.deepEqual(other, {})
})

for (const [tag, source] of [['@libp2p/dcutr', 'dcutr'], ['@libp2p/autonat', 'autonat'], ['@libp2p/autonat-v2', 'autonat'], ['@libp2p/identify', undefined], ['mine', undefined]] as const) {
  test(`a dial by a module tagged ${tag} has ${source ?? 'no'} source`, async t => {
    const { attribution, components } = await scene()
    const connectionManager = new Connector()
    const factory = attributedModule(({ connectionManager }) => ({ [Symbol.toStringTag]: tag, connectionManager }), 'services', 'the service "one"', () => attribution)

    await factory({ ...components, connectionManager }).connectionManager.openConnection(a)

    t.deepEqual(connectionManager.dials, [[source, []]])
    t.deepEqual(attribution.problems, [])
  })
}

test('a module wrapped with withSource() dials with that source, also when it keeps none of its components', async t => {
  const { attribution, components } = await scene()
  const connectionManager = new Connector()
  const factory = attributedModule(withSource('tracker', (components: any) => ({ dial: async () => components.connectionManager.openConnection(a) })), 'services', 'the service "one"', () => attribution)

  await factory({ ...components, connectionManager }).dial()

  t.deepEqual(connectionManager.dials, [['tracker', []]])
})

test('addresses found by a service\'s discovery, peer routing and content routing have the service\'s source', async t => {
  const { attribution, components, peer } = await scene()
  const [announced, routed, provided] = [1, 2, 3].map(n => multiaddr(`/ip4/203.0.113.${n}/tcp/1`)) as [typeof a, typeof a, typeof a]
  const discovery = new TypedEventEmitter<any>()
  const service = {
    [peerDiscoverySymbol]: discovery,
    [peerRoutingSymbol]: { findPeer: async () => ({ id: peer, multiaddrs: [routed] }) },
    [contentRoutingSymbol]: { findProviders: async function * () { yield { id: peer, multiaddrs: [provided] } } }
  }
  const module = attributedModule(withSource('tracker', () => service), 'services', 'the service "one"', () => attribution)(components)

  discovery.safeDispatchEvent('peer', { detail: { id: peer, multiaddrs: [announced] } })
  await module[peerRoutingSymbol].findPeer(peer)
  await module[contentRoutingSymbol].findProviders().next()

  t.deepEqual([announced, routed, provided].map(one => attribution.sourceTags.of(one)?.source), ['tracker', 'tracker', 'tracker'])
})

test('a peer router that a service\'s getter creates on each access is created and marked once', async t => {
  const { attribution, components, peer } = await scene()
  const service = { get [peerRoutingSymbol] () { return { findPeer: async () => ({ id: peer, multiaddrs: [a] }) } } }
  const module = attributedModule(withSource('tracker', () => Object.create(service)), 'services', 'the service "one"', () => attribution)(components)

  t.is(module[peerRoutingSymbol], module[peerRoutingSymbol])
  await module[peerRoutingSymbol].findPeer(peer)
  t.is(attribution.sourceTags.of(a)?.source, 'tracker')
})

test('an address that a peer router or content router writes to the peer store has the source routing', async t => {
  for (const place of ['peerRouters', 'contentRouters'] as const) {
    const { attribution, components, book, peer } = await scene()
    const router = attributedModule(({ peerStore }) => ({ peerStore }), place, `number 1 of ${place}`, () => attribution)(components)
    await router.peerStore.merge(peer, { multiaddrs: [a] })
    t.deepEqual(book.lines, [`${a} routing`], place)
  }
})

test('a kad-dht without the expected network is reported as a problem', async t => {
  const { attribution, components } = await scene()
  attributedModule(() => ({ [Symbol.toStringTag]: '@libp2p/kad-dht' }), 'services', 'the service "dht"', () => attribution)(components)
  t.deepEqual(attribution.problems, ['the service "dht" (@libp2p/kad-dht): it is not known which peer gave a DHT answer'])
})

test('addresses in a peer:update event are marked as coming from the peer store', async t => {
  const { attribution, events } = await scene()
  // `any`: the link reads only these fields of an update
  events.safeDispatchEvent('peer:update', { detail: { peer: { addresses: [{ multiaddr: a }] } } as any })
  t.is(attribution.sourceTags.of(a)?.source, 'peer-store')
})

test('addresses found by a content router without a tag have the source routing', async t => {
  const { attribution, components, peer } = await scene()
  const factory = attributedModule(() => ({ findProviders: async function * () { yield { id: peer, multiaddrs: [a] } } }), 'contentRouters', 'number 1 of contentRouters', () => attribution)
  const sources = []

  for await (const { multiaddrs } of factory(components).findProviders()) {
    sources.push(attribution.sourceTags.of(multiaddrs[0])?.source)
  }

  t.deepEqual(sources, ['routing'])
})
