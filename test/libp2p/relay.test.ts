import { circuitRelayTransport, RELAY_V2_STOP_CODEC } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import test from 'ava'
import { adaptive, certifiedOnly, staggered, stock } from '../../presets/index.ts'
import { dialable, filter, fromCaller, pipeline, provenance, race } from '../../src/stages/index.ts'
import { relayed } from '../helpers/relay.ts'
import { until } from '../helpers/until.ts'
import { attempted, dialling, leadsTo, listening, mute } from './kit.ts'
import type { DialerNodeOptions } from './kit.ts'
import type { Relayed } from '../helpers/relay.ts'
import type { Dialer, DialPipeline, DialProgressEvent } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

/** The event at which a transport's remote has responded */
const HANDSHAKE = 'upgrader:encrypt-outbound-connection'

for (const [name, preset] of [['stock', stock], ['staggered', staggered]] as const) {
  test(`${name}: dials through a relay that is not connected yet`, async t => {
    const [node, { relay, listener, multiaddr }] = await Promise.all([behind(t, preset()), relays(t)])

    const connection = await node.dial(multiaddr)

    leadsTo(t, connection, listener)
    t.truthy(connection.limits)
    t.false(connection.direct)
    t.deepEqual([listener, relay].map(({ peerId }) => node.getConnections(peerId).length), [1, 1])
    t.deepEqual(node.services.dialer.traces(listener.peerId).map(attempted), [[[`${multiaddr}`, 'connected']]])
    t.deepEqual(node.services.dialer.traces(relay.peerId).map(attempted), [[[`${`${multiaddr}`.split('/p2p-circuit')[0]}`, 'connected']]])
    t.deepEqual(node.getDialQueue(), [])
  })
}

const TIGHT: ReadonlyArray<[string, DialerNodeOptions]> = [
  ['one dial at once', { connectionManager: { maxParallelDials: 1 } }],
  ['one attempt at once', { dialerInit: { slots: { node: 1 } } }],
  ['a queue of one', { connectionManager: { maxDialQueueLength: 1 } }]
]

for (const [name, options] of TIGHT) {
  test(`a relayed dial connects with ${name}`, async t => {
    const [node, { listener, multiaddr }] = await Promise.all([behind(t, staggered(), options), relays(t)])

    leadsTo(t, await node.dial(multiaddr), listener)
  })
}

test('several relayed dials connect with one dial at a time', async t => {
  const [node, ...all] = await Promise.all([
    behind(t, staggered(), { connectionManager: { maxParallelDials: 1 }, dialerInit: { slots: { node: 1 } } }),
    relays(t),
    relays(t),
    relays(t)
  ])

  const connections = await Promise.all(all.map(async ({ multiaddr }) => node.dial(multiaddr)))

  connections.forEach((connection, i) => { leadsTo(t, connection, (all[i] as Relayed).listener) })
})

test('a queued dial of the relay starts when a relayed dial needs it', async t => {
  const [node, { relay, listener, multiaddr }, hole] = await Promise.all([behind(t, staggered(), { connectionManager: { maxParallelDials: 2 } }), relays(t), mute(t)])
  const controller = new AbortController()

  const blocked = node.dial(hole.multiaddr, { signal: controller.signal })
  const through = node.dial(multiaddr)
  const direct = node.dial(relay.getMultiaddrs())

  leadsTo(t, await through, listener)
  leadsTo(t, await direct, relay)
  t.is(node.getConnections(relay.peerId).length, 1)

  controller.abort()
  await t.throwsAsync(blocked, { name: 'AbortError' })
})

test('the relay is dialled through the node\'s pipeline, not the dial\'s own', async t => {
  const seen: string[] = []
  const ofTheNode = filter('of-the-node', ({ id }) => {
    seen.push(id)
    return true
  })
  const [node, { relay, listener, multiaddr }] = await Promise.all([behind(t, staggered().after('dialable', ofTheNode)), relays(t)])
  const own = pipeline(fromCaller(), dialable(), race())

  leadsTo(t, await node.dial(multiaddr, { pipeline: own }), listener)

  t.deepEqual([...new Set(seen)], [multiaddr.toString().split('/p2p-circuit')[0]])
  t.is(node.services.dialer.traces(relay.peerId).length, 1)
})

for (const isOpen of [false, true]) {
  test(`the first response of a relayed attempt is the target's, with${isOpen ? '' : 'out'} an open relay connection`, async t => {
    const [node, { relay, listener, multiaddr }] = await Promise.all([behind(t, staggered()), relays(t)])
    const heard: Array<[string | undefined, string[]]> = []

    if (isOpen) {
      await node.dial(relay.getMultiaddrs())
    }

    await node.dial(multiaddr, {
      onProgress: ({ type, address }: DialProgressEvent) => {
        if (type === HANDSHAKE) {
          heard.push([address, marksOf(node, listener)])
        }
      }
    })

    t.deepEqual(heard, [...isOpen ? [] : [[`${multiaddr}`.split('/p2p-circuit')[0], []]], [`${multiaddr}`, ['answered', 'opened']]] as typeof heard)
  })
}

test('a relayed attempt has no response when its relay is connected and its target hangs', async t => {
  const [node, { listener, multiaddr }] = await Promise.all([behind(t, staggered()), relays(t)])
  await listener.unhandle(RELAY_V2_STOP_CODEC)
  await listener.handle(RELAY_V2_STOP_CODEC, () => {}, { runOnLimitedConnection: true })
  const controller = new AbortController()

  await t.throwsAsync(node.dial(multiaddr, {
    signal: controller.signal,
    onProgress: ({ type }: { type: string }) => {
      if (type === 'circuit-relay:read-connect-response') {
        controller.abort()
      }
    }
  }), { name: 'AbortError' })

  t.deepEqual(marksOf(node, listener), [])
})

test('a second relayed dial leaves one connection', async t => {
  const [node, { listener, multiaddr }] = await Promise.all([behind(t, staggered()), relays(t)])
  const first = await node.dial(multiaddr)

  t.is(await node.dial(multiaddr), first)
  t.is(await until(() => node.getConnections(listener.peerId).length, count => count === 1), 1)
  t.is(first.status, 'open')
})

test('a peer connected over a relay is dialled directly when it has a direct address', async t => {
  const [node, { relay }] = await Promise.all([behind(t, staggered()), relays(t)])
  const remote = await listening(t, {
    listen: ['/ip4/127.0.0.1/tcp/0', ...relay.getMultiaddrs().map(address => `${address}/p2p-circuit`)],
    transports: [tcp(), circuitRelayTransport()],
    services: { identify: identify() }
  })
  const [through, direct] = [true, false].map(isRelayed => remote.getMultiaddrs().filter(address => `${address}`.includes('/p2p-circuit') === isRelayed)) as [Multiaddr[], Multiaddr[]]

  const limited = await node.dial(through)
  t.truthy(limited.limits)

  const connection = await node.dial(direct)

  leadsTo(t, connection, remote)
  t.true(connection.direct)
  t.is(connection.limits, undefined)
  t.is(limited.status, 'open')
  t.is(await node.dial(remote.peerId), connection)
})

test('a node with a provenance policy dials its configured relay, and with certifiedOnly() does not', async t => {
  const { relay } = await relays(t)
  const listen = relay.getMultiaddrs().map(address => `${address}/p2p-circuit`)
  const policy = provenance(['user', 'bootstrap', 'certified'])

  await t.throwsAsync(behind(t, certifiedOnly(), { listen }), { name: 'UnsupportedListenAddressesError', message: /dropped by certified/ })
  t.is((await behind(t, adaptive().after('resolve', policy), { listen })).getMultiaddrs().length, 1)
})

/** Returns the marks of a node's only attempt to dial a peer */
function marksOf (node: Libp2p<{ dialer: Dialer }>, { peerId }: Libp2p): string[] {
  return node.services.dialer.traces(peerId).flatMap(({ candidates }) => candidates).flatMap(({ attempts }) => attempts).flatMap(({ marks }) => marks.map(({ name }) => name))
}

async function relays (t: ExecutionContext): Promise<Relayed> {
  const nodes = await relayed()
  t.teardown(nodes.stop)

  return nodes
}

/** A node that dials through relays */
async function behind (t: ExecutionContext, pipeline: DialPipeline, options: DialerNodeOptions = {}): Promise<Libp2p<{ dialer: Dialer }>> {
  return dialling(t, pipeline, { transports: [tcp(), circuitRelayTransport()], ...options, services: { identify: identify() } })
}
