import { identify, identifyPush } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { filter } from '../../src/pipeline/authoring/filter.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, dialling, leadsTo } from './kit.ts'
import type { Dialer } from '../../src/index.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'
import type { Libp2p, Peer } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import type { Ping } from '@libp2p/ping'
import type { ExecutionContext } from 'ava'

type Full = Libp2p<{ dialer: Dialer, ping: Ping, dht: KadDHT }>

test('identify, push, ping and the DHT work in both directions', async t => {
  const [a, b] = await Promise.all([full(t), full(t)])

  leadsTo(t, await a.dial(b.getMultiaddrs()), b)

  for (const [node, other] of [[a, b], [b, a]] as const) {
    t.true(await knows(node, other, '/ipfs/ping/1.0.0'), 'identify')

    const [key, value] = [`/test/${node.peerId}`, `from ${node.peerId}`].map(text => new TextEncoder().encode(text)) as [Uint8Array, Uint8Array]
    await until(() => (node.services.dht as unknown as { routingTable: { size: number } }).routingTable.size, size => size === 1)
    await node.contentRouting.put(key, value)
    t.deepEqual(await other.contentRouting.get(key), value)

    t.true(await node.services.ping.ping(other.peerId) >= 0)

    await node.handle(`/pushed/by/${node.peerId}`, () => {})
    t.true(await knows(other, node, `/pushed/by/${node.peerId}`), 'identify push')
  }

  t.is(a.getConnections(b.peerId).length, 1)
  t.is(a.services.dialer.traces(b.peerId).length, 1)
  t.is(b.services.dialer.traces(a.peerId).length, 0)
})

test('a dialled peer dials back by peer id, over an address from identify', async t => {
  const [a, b] = await Promise.all([full(t), full(t)])
  const connection = await a.dial(b.getMultiaddrs())
  t.true(await knows(b, a, '/ipfs/ping/1.0.0'))

  await connection.close()
  await until(() => b.getConnections(a.peerId).length, count => count === 0)
  t.true(await b.services.ping.ping(a.peerId) >= 0)

  leadsTo(t, b.getConnections(a.peerId)[0] as typeof connection, a)
  const [trace] = b.services.dialer.traces(a.peerId)
  t.true(trace?.candidates.every(({ provenance }) => provenance.includes('peer-store')))
})

test('concurrent pings of four peers make one connection to each', async t => {
  const [node, ...others] = await Promise.all(Array.from({ length: 5 }, async () => full(t)))

  if (node == null) {
    return t.fail()
  }

  await Promise.all(others.map(async other => node.peerStore.merge(other.peerId, { multiaddrs: other.getMultiaddrs() })))
  await Promise.all(others.map(async other => node.services.ping.ping(other.peerId)))

  t.deepEqual(others.map(other => node.getConnections(other.peerId).length), [1, 1, 1, 1])
})

test('two peers that dial each other at once both get a working connection', async t => {
  const [a, b] = await Promise.all([full(t), full(t)])
  const [ab, ba] = await Promise.all([a.dial(addressesOf(b)), b.dial(addressesOf(a))])

  leadsTo(t, ab, b)
  leadsTo(t, ba, a)
  t.true(await a.services.ping.ping(b.peerId) >= 0)
  t.true(await b.services.ping.ping(a.peerId) >= 0)
})

test('a dial option of the DHT is not rejected as a misspelt option of a stage', async t => {
  const near = filter('near', () => true, { options: ['paths', 'isSelfQuerys', 'useCaches', 'useNetworks'] })
  const [a, b] = await Promise.all([full(t, staggered().after('resolve', near)), full(t)])
  const connection = await a.dial(b.getMultiaddrs())
  await until(() => (a.services.dht as unknown as { routingTable: { size: number } }).routingTable.size, size => size === 1)
  await connection.close()

  const events: string[] = []

  for await (const event of a.services.dht.getClosestPeers(new Uint8Array(32), { useCache: false })) {
    events.push(event.name === 'QUERY_ERROR' ? event.error.message : event.name)
  }

  t.true(events.includes('PEER_RESPONSE'), events.join())
})

test('ping of a peer without addresses rejects with the error of a dial', async t => {
  const node = await full(t)

  await t.throwsAsync(node.services.ping.ping(await newPeer(), { signal: AbortSignal.timeout(60_000) }), { name: 'NoValidAddressesError' })
})

async function full (t: ExecutionContext, pipeline: DialPipeline = staggered()): Promise<Full> {
  return dialling(t, pipeline, {
    listen: undefined,
    services: {
      identify: identify(),
      push: identifyPush(),
      ping: ping(),
      dht: kadDHT({
        protocol: '/test/kad/1.0.0',
        clientMode: false,
        peerInfoMapper: passthroughMapper,
        allowQueryWithZeroPeers: true,
        initialQuerySelfInterval: 0,
        validators: { test: async () => {} },
        selectors: { test: () => 0 }
      })
    }
  }) as unknown as Promise<Full>
}

async function knows (node: Libp2p, other: Libp2p, protocol: string): Promise<boolean> {
  return until(async () => {
    const { protocols, addresses } = await node.peerStore.get(other.peerId).catch((): Pick<Peer, 'protocols' | 'addresses'> => ({ protocols: [], addresses: [] }))

    return protocols.includes(protocol) && addresses.some(({ isCertified }) => isCertified)
  }, isKnown => isKnown)
}
