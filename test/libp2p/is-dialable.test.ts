import { multiaddr } from '@multiformats/multiaddr'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { refused } from '../helpers/refused.ts'
import { dialling, listening, randomPeer } from './kit.ts'

const TCP = multiaddr('/ip4/127.0.0.1/tcp/4001')
const QUIC = multiaddr('/ip4/127.0.0.1/udp/4001/quic-v1')

test('isDialable() is true for an address with a transport, without dialling it', async t => {
  const node = await dialling(t, staggered())

  t.true(await node.isDialable(TCP))
  t.true(await node.isDialable((await refused()).multiaddr))
  t.true(await node.isDialable(TCP.encapsulate(`/p2p/${await randomPeer()}`)))
  t.deepEqual(node.services.dialer.traces(), [])
})

test('isDialable() is false without a transport and without an address', async t => {
  const node = await dialling(t, staggered())

  t.false(await node.isDialable(QUIC))
  t.false(await node.isDialable([]))
  t.true(await node.isDialable([QUIC, TCP]))
})

test('isDialable() is false for an address that the gater denies, synchronously or not', async t => {
  for (const answer of [true, Promise.resolve(true)]) {
    const node = await dialling(t, staggered(), { connectionGater: { denyDialMultiaddr: multiaddr => multiaddr.equals(TCP) ? answer : false } })

    t.false(await node.isDialable(TCP))
    t.true(await node.isDialable([TCP, multiaddr('/ip4/127.0.0.1/tcp/4002')]))
  }
})

test('isDialable() is false when the gater throws', async t => {
  const node = await dialling(t, staggered(), { connectionGater: { denyDialMultiaddr: () => { throw new Error('the gater is broken') } } })

  t.false(await node.isDialable(TCP))
})

test('isDialable() of a relayed address is false with runOnLimitedConnection: false', async t => {
  const [relay, peer] = await Promise.all([randomPeer(), randomPeer()])
  const relayed = TCP.encapsulate(`/p2p/${relay}/p2p-circuit/p2p/${peer}`)
  const node = await dialling(t, staggered(), { transports: [tcp(), circuitRelayTransport()], services: { identify: identify() } })

  t.true(await node.isDialable(relayed))
  t.true(await node.isDialable(relayed, { runOnLimitedConnection: true }))
  t.false(await node.isDialable(relayed, { runOnLimitedConnection: false }))
  t.true(await node.isDialable([relayed, TCP], { runOnLimitedConnection: false }))
})

test('isDialable() resolves names', async t => {
  const resolvers = {
    dnsaddr: {
      canResolve: (one: typeof TCP) => one.getComponents().some(({ name }) => name === 'dnsaddr'),
      resolve: async (one: typeof TCP) => `${one}`.includes('good') ? [TCP] : [QUIC]
    }
  }
  const node = await dialling(t, staggered(), { connectionManager: { resolvers } })

  t.true(await node.isDialable(multiaddr('/dnsaddr/good.example')))
  t.false(await node.isDialable(multiaddr('/dnsaddr/bad.example')))
})

test('isDialable() is false when its signal aborts', async t => {
  const node = await dialling(t, staggered(), { connectionGater: { denyDialMultiaddr: async () => new Promise<boolean>(() => {}) } })
  const controller = new AbortController()
  const answer = node.isDialable(TCP, { signal: controller.signal })

  controller.abort()

  t.false(await answer)
})

test('isDialable() is false for the node\'s own addresses', async t => {
  const node = await dialling(t, staggered(), { listen: ['/ip4/127.0.0.1/tcp/0'] })
  const other = await listening(t)

  t.false(await node.isDialable(node.getMultiaddrs()))
  t.true(await node.isDialable(other.getMultiaddrs()))
})
