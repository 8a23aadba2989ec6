import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive, staggered } from '../../presets/index.ts'
import { attach } from '../../src/index.ts'
import { converge, dialable, filter, fromCaller, fromRouting, gater, pipeline, provenance, race, requireProtocol, stagger } from '../../src/stages/index.ts'
import { until } from '../helpers/open-handles.ts'
import { fakeMetrics } from './fake-metrics.ts'
import { addressesOf, Gate, leadsTo, listening, mute, randomPeer } from './kit.ts'
import type { Dialer } from '../../src/index.ts'
import type { Stage } from '../../src/stages/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

test('attach() to a running node replaces the dialer, and detach() restores libp2p\'s', async t => {
  const { node, remotes: [a, b, c], before } = await nodes(t, 3)

  leadsTo(t, await node.dial(addressesOf(a)), a)

  const dialer = attach(node, staggered())
  leadsTo(t, await node.dial(addressesOf(b)), b)
  t.deepEqual(dialled(dialer), [b.peerId].map(String))

  dialer.detach()
  t.deepEqual(await changed(node, before), [])
  leadsTo(t, await node.dial(addressesOf(c)), c)
  t.deepEqual(dialled(dialer), [b.peerId].map(String))
})

test('attach() to a node before its first start replaces the dialer', async t => {
  const { node, remotes: [remote] } = await nodes(t, 1, { start: false })
  const dialer = attach(node, staggered())

  await t.throwsAsync(node.dial(addressesOf(remote)), { name: 'NotStartedError' })
  await node.start()

  leadsTo(t, await node.dial(addressesOf(remote)), remote)
  t.is(dialer.traces().length, 1)
})

test('dials of a dialer attached to a stopped node work after the next start', async t => {
  const { node, remotes: [remote] } = await nodes(t, 1)
  await node.stop()
  const dialer = attach(node, staggered())

  await t.throwsAsync(node.dial(addressesOf(remote)), { name: 'AbortError' })
  await node.start()

  leadsTo(t, await node.dial(addressesOf(remote)), remote)
  t.is(dialer.traces().length, 1)
})

test('detach() lets running dials finish, and new ones use libp2p\'s dialer', async t => {
  const { node, remotes: [a, b], close, queue, metric, before } = await nodes(t, 2)
  const [atA, atB] = close(a, b)
  const dialer = attach(node, staggered())

  const ours = node.dial(addressesOf(a))
  await atA.arrival
  dialer.detach()

  t.deepEqual(queue(), active(a))

  const theirs = node.dial(addressesOf(b))
  await atB.arrival

  t.deepEqual(queue(), active(a, b))
  t.deepEqual(metric(), { size: 1, running: 1, queued: 0 })

  atA.open()
  leadsTo(t, await ours, a)
  t.deepEqual(queue(), active(b))

  atB.open()
  leadsTo(t, await theirs, b)

  t.deepEqual(dialled(dialer), [`${a.peerId}`])
  t.deepEqual(queue(), [])
  t.deepEqual(await changed(node, before), [])
})

test('attach() lets running libp2p dials finish, and new ones use the pipeline', async t => {
  const { node, remotes: [a, b, c], close, queue, metric } = await nodes(t, 3)
  const [atA, atB, atC] = close(a, b, c)

  const theirs = node.dial(addressesOf(a))
  await atA.arrival
  const dialer = attach(node, staggered())

  t.deepEqual(queue(), active(a))
  t.deepEqual(metric(), { size: 1, running: 1, queued: 0 })

  const ours = node.dial(addressesOf(b))
  await atB.arrival

  t.deepEqual(queue(), active(a, b))

  atA.open()
  leadsTo(t, await theirs, a)

  t.deepEqual(queue(), active(b))
  t.deepEqual(metric(), { size: 1, running: 1, queued: 0 })

  atB.open()
  leadsTo(t, await ours, b)

  atC.open()
  leadsTo(t, await node.dial(addressesOf(c)), c)

  t.deepEqual(dialled(dialer), [b, c].map(({ peerId }) => `${peerId}`))
  t.deepEqual(metric(), { size: 0, running: 0, queued: 0 })
})

test('a peer dialled by both dialers at once ends up with one connection', async t => {
  const { node, remotes: [remote], close } = await nodes(t, 1)
  const [atRemote] = close(remote)

  const theirs = node.dial(addressesOf(remote))
  await atRemote.arrival
  attach(node, staggered())
  const ours = node.dial(addressesOf(remote))
  atRemote.open()

  const connections = await Promise.all([theirs, ours])
  await until(() => node.getConnections(remote.peerId).length, count => count === 1)

  connections.forEach(connection => { leadsTo(t, connection, remote) })
  t.is(node.getConnections(remote.peerId).length, 1)
})

test('the queue and the metric show running and queued dials of the pipeline', async t => {
  const { node, remotes: [a, b], close, queue, metric } = await nodes(t, 2, { connectionManager: { maxParallelDials: 1 } })
  const [atA, atB] = close(a, b)
  attach(node, staggered())

  t.deepEqual(metric(), { size: 0, running: 0, queued: 0 })

  const dials = [node.dial(addressesOf(a)), node.dial(addressesOf(b))]

  t.deepEqual(queue(), [`active ${a.peerId}`, `queued ${b.peerId}`])
  t.deepEqual(metric(), { size: 2, running: 1, queued: 1 })

  atA.open()
  await dials[0]
  t.deepEqual(queue(), active(b))
  t.deepEqual(metric(), { size: 1, running: 1, queued: 0 })

  atB.open()
  await dials[1]
  t.deepEqual(queue(), [])
  t.deepEqual(metric(), { size: 0, running: 0, queued: 0 })
})

test('a lingering dial is not in the queue or the metric', async t => {
  const { node, remotes: [remote], queue, metric } = await nodes(t, 1)
  const hole = await mute(t)
  const dialer = attach(node, pipeline(fromCaller(), dialable(), gater(), stagger(10), race(), converge()), { convergence: { order: ['ws', 'tcp'] } })

  leadsTo(t, await node.dial([hole.multiaddr.encapsulate(`/ws/p2p/${remote.peerId}`), ...addressesOf(remote)]), remote)

  t.is(dialer.traces()[0]?.endedAt, undefined)
  t.deepEqual(queue(), [])
  t.deepEqual(metric(), { size: 0, running: 0, queued: 0 })
})

test('dials that run across attach(), detach() and attach() finish in the dialer that began them', async t => {
  const { node, remotes: [a, b, c], close, queue, metric, before } = await nodes(t, 3)
  const [atA, atB, atC] = close(a, b, c)

  const first = attach(node, staggered())
  const dials = [node.dial(addressesOf(a))]
  await atA.arrival

  first.detach()
  dials.push(node.dial(addressesOf(b)))
  await atB.arrival

  const second = attach(node, staggered())
  dials.push(node.dial(addressesOf(c)))
  await atC.arrival

  t.deepEqual(queue(), active(a, b, c))

  atB.open()
  await dials[1]
  t.deepEqual(queue(), active(a, c))

  atA.open()
  await dials[0]
  t.deepEqual(queue(), active(c))
  t.deepEqual(await until(metric, ({ size }) => size === 1), { size: 1, running: 1, queued: 0 })

  atC.open()
  await dials[2]
  t.deepEqual(queue(), [])
  t.deepEqual(metric(), { size: 0, running: 0, queued: 0 })

  t.deepEqual(dialled(first), [`${a.peerId}`])
  t.deepEqual(dialled(second), [`${c.peerId}`])

  second.detach()
  t.deepEqual(await changed(node, before), [])
})

test('a dialer attached again has the node\'s settings', async t => {
  const { node, remotes: [a, b], close } = await nodes(t, 2, { connectionManager: { dialTimeout: 50 } })
  const [atA] = close(a)

  const first = attach(node, staggered())
  const { signal } = new AbortController()
  const dial = node.dial(addressesOf(a), { signal })
  await atA.arrival
  first.detach()
  attach(node, staggered())

  await t.throwsAsync(node.dial(addressesOf(b)), { name: 'TimeoutError' })

  atA.open()
  leadsTo(t, await dial, a)
})

test('detach() leaves no listener on the node', async t => {
  const { node } = await nodes(t, 0)
  const { events } = (node as any).components
  const listeners = (): number[] => ['peer:identify', 'connection:open', 'connection:close'].map(type => events.listenerCount(type))
  const before = listeners()
  const dialer = attach(node, pipeline(fromCaller(), fromRouting({ when: 'exhausted' }), race(), requireProtocol('/x/1.0.0')))
  await t.throwsAsync(node.dial(multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${await randomPeer()}`)))
  t.notDeepEqual(listeners(), before)
  dialer.detach()

  t.deepEqual(await until(listeners, counts => String(counts) === String(before)), before)
})

test('stopping the node ends dials that still run after detach()', async t => {
  const { node, remotes: [remote], close } = await nodes(t, 1)
  const [atRemote] = close(remote)
  const dialer = attach(node, staggered())
  const dial = node.dial(addressesOf(remote), { signal: new AbortController().signal })
  await atRemote.arrival

  dialer.detach()
  const stopped = node.stop()

  await t.throwsAsync(dial, { name: 'AbortError' })
  await stopped
})

test('a second detach() changes nothing', async t => {
  const { node, remotes: [remote], before } = await nodes(t, 1)
  const dialer = attach(node, staggered())

  dialer.detach()
  const again = attach(node, staggered())
  dialer.detach()
  await node.dial(addressesOf(remote))

  t.is(again.traces().length, 1)
  again.detach()
  t.deepEqual(await changed(node, before), [])
})

interface Parts {
  dialQueue: unknown
  openConnection: unknown
  upgradeOutbound: unknown
}

/** Returns the parts that attach() replaces */
function parts (node: Libp2p): Parts {
  const { connectionManager: { dialQueue, openConnection }, upgrader: { upgradeOutbound } } = (node as any).components

  return { dialQueue, openConnection, upgradeOutbound }
}

/** Returns the parts that are not restored in the end */
async function changed (node: Libp2p, before: Parts): Promise<string[]> {
  return until(() => {
    const now = parts(node)

    return Object.keys(before).filter(key => now[key as keyof Parts] !== before[key as keyof Parts])
  }, ({ length }) => length === 0)
}

function dialled (dialer: Dialer): string[] {
  return dialer.traces().map(({ target }) => `${target.peer}`)
}

function active (...remotes: Libp2p[]): string[] {
  return remotes.map(({ peerId }) => `active ${peerId}`).toSorted()
}

/** A node with libp2p's own dialer, and other nodes to dial */
async function nodes (t: ExecutionContext, count: number, options: Parameters<typeof listening>[1] = {}): Promise<{
  node: Libp2p
  remotes: [Libp2p, Libp2p, Libp2p]
  /** Returns gates that hold up dials of these nodes until they open */
  close: <T extends Libp2p[]> (...remotes: T) => { [K in keyof T]: Gate }
  before: Parts
  /** Jobs of libp2p's own dialer and of this one, in no particular order */
  queue: () => string[]
  metric: () => Record<string, number>
}> {
  const gates = new Map<string, Gate>()
  const { metrics, calculate } = fakeMetrics()
  const [node, ...remotes] = await Promise.all([
    listening(t, { listen: [], metrics, connectionGater: { denyOutboundConnection: async peerId => { await gates.get(`${peerId}`)?.pass(); return false } }, ...options }),
    ...Array.from({ length: count }, async () => listening(t))
  ])

  return {
    node,
    remotes: remotes as [Libp2p, Libp2p, Libp2p],
    close: (...remotes) => remotes.map(({ peerId }) => {
      const gate = new Gate()
      gates.set(`${peerId}`, gate)

      return gate
    }) as any,
    before: parts(node),
    queue: () => node.getDialQueue().map(({ status, peerId }) => `${status} ${peerId}`).toSorted(),
    metric: () => calculate('libp2p_dial_queue')
  }
}

/** A stage that holds all addresses until the gate opens */
function held (gate: Gate): Stage {
  return filter('held', async () => !await gate.hold(), { forRelays: false })
}

test('a dial that runs after detach() keeps its provenance and bans at the relay', async t => {
  for (const forbid of ['provenance', 'ban'] as const) {
    const { node } = await nodes(t, 0, { transports: [tcp(), circuitRelayTransport()], services: { identify: identify() } })
    const relay = await mute(t)
    const [relayPeer, peer] = [await randomPeer(), await randomPeer()]
    const gate = new Gate()
    const dialer = attach(node, adaptive().after('resolve', provenance()).after('resolve', held(gate)))
    await node.peerStore.merge(relayPeer, { multiaddrs: [relay.multiaddr] })

    if (forbid === 'ban') {
      await dialer.ban(relay.multiaddr, { for: Infinity })
    }

    const dial = node.dial(multiaddr(`/p2p/${relayPeer}/p2p-circuit/p2p/${peer}`), forbid === 'ban' ? {} : { provenance: ['user'] })
    await gate.arrival
    dialer.detach()
    gate.open()

    await t.throwsAsync(dial)
    t.is(relay.accepted, 0, forbid)
  }
})

test('a dial that runs after detach() obeys the bans of the next attached dialer', async t => {
  const { node, remotes: [remote] } = await nodes(t, 1)
  const gate = new Gate()
  const first = attach(node, staggered().after('resolve', held(gate)))
  const dial = node.dial(addressesOf(remote))
  await gate.arrival
  first.detach()
  await attach(node, staggered()).ban(remote.peerId, { for: Infinity })
  gate.open()

  await t.throwsAsync(dial, { name: 'DialDeniedError' })
})
