import test from 'ava'
import { adaptive } from '../../presets/index.ts'
import { pacedClock } from '../helpers/paced-clock.ts'
import { until } from '../helpers/until.ts'
import { behindRelay, hold, overRelay } from './behind-relay.ts'
import { addressesOf, attempted, dialling, listening } from './kit.ts'
import type { PeerBehindRelay } from './behind-relay.ts'
import type { PacedClock } from '../helpers/paced-clock.ts'
import type { Dialer } from '../../src/index.ts'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

const ACCEPTS = { runOnLimitedConnection: true }

interface Scene {
  readonly node: Libp2p<{ dialer: Dialer }>
  readonly relay: Libp2p
  readonly behind: PeerBehindRelay[]
  /** Nodes connected from the start */
  readonly others: Libp2p[]
  readonly paced: PacedClock
  /** Connections that libp2p closed over its limit */
  readonly pruned: Connection[]
  /** Number of connections to each peer behind the relay, the relay, each other node, and each of `more` */
  connections (...more: Libp2p[]): number[]
}

/** A node with a limit of five connections, a relay with peers behind it, and other connected nodes */
async function scene (t: ExecutionContext, behind: number, others: number): Promise<Scene> {
  const paced = pacedClock(t)
  const [{ relay, peers }, node, ...all] = await Promise.all([
    behindRelay(t, behind),
    dialling(t, adaptive(), { ...overRelay(), connectionManager: { maxConnections: 5 }, dialerInit: { clock: paced.clock } }),
    ...Array.from({ length: others }, async () => listening(t))
  ])
  const pruned: Connection[] = []
  node.addEventListener('connection:prune', ({ detail }) => { pruned.push(...detail) })

  for (const other of all) {
    await node.dial(addressesOf(other))
  }

  return {
    node: node as Libp2p<{ dialer: Dialer }>,
    relay,
    behind: peers,
    others: all,
    paced,
    pruned,
    connections: (...more) => [...peers.map(peer => peer.node), relay, ...all, ...more].map(({ peerId }) => node.getConnections(peerId).length)
  }
}

/** Connects over the relay. The direct address answers when the gate opens */
async function relayedFirst (t: ExecutionContext, { node }: Scene, { direct, indirect }: PeerBehindRelay): Promise<{ first: Connection, gate: PromiseWithResolvers<void> }> {
  const gate = Promise.withResolvers<void>()
  hold(node, direct, gate.promise)
  const first = await node.dial([direct, indirect], ACCEPTS)
  t.false(first.direct)

  return { first, gate }
}

/** Waits until a peer has a direct connection */
async function becameDirect (t: ExecutionContext, { node }: Scene, { node: { peerId } }: PeerBehindRelay): Promise<void> {
  t.true(await until(() => node.getConnections(peerId).some(one => one.direct), Boolean))
}

/** A node at its connection limit. A lingering dial made its last connection, which makes the relayed one redundant */
async function full (t: ExecutionContext): Promise<{ here: Scene, node: Scene['node'], paced: Scene['paced'], first: Connection }> {
  const here = await scene(t, 1, 2)
  const { node, behind: [peer], paced } = here as Scene & { behind: [PeerBehindRelay] }
  const { first, gate } = await relayedFirst(t, here, peer)
  gate.resolve()
  await becameDirect(t, here, peer)

  return { here, node, paced, first }
}

test('a dial lingers for the last allowed connection, and the relayed one closes at once', async t => {
  const { here, node, paced, first } = await full(t)
  t.is(node.getConnections().length, 5)
  const fullAt = paced.clock.now()
  paced.speed = 5
  await until(() => first.status, status => status === 'closed')
  // earlier than the idle time of 30 s
  t.true(paced.clock.now() - fullAt < 10_000)
  t.deepEqual(here.connections(), [1, 1, 1, 1])
  t.deepEqual(here.pruned, [])
})

test('a node at maxConnections does not dial for a better connection', async t => {
  const here = await scene(t, 1, 3)
  const { node, behind: [peer] } = here as Scene & { behind: [PeerBehindRelay] }
  const { gate } = await relayedFirst(t, here, peer)
  t.is(node.getConnections().length, 5)
  t.deepEqual(node.services.dialer.traces(peer.node.peerId).map(({ endedAt }) => endedAt != null), [true])
  gate.resolve()
  await node.dial(peer.indirect, ACCEPTS)
  t.deepEqual(here.connections(), [1, 1, 1, 1, 1])
  t.deepEqual(here.pruned, [])
})

test('the last allowed connection ends lingering dials', async t => {
  const here = await scene(t, 1, 2)
  const { node, behind: [peer] } = here as Scene & { behind: [PeerBehindRelay] }
  const { gate } = await relayedFirst(t, here, peer)
  const last = await listening(t)
  await node.dial(addressesOf(last))
  t.deepEqual(node.services.dialer.traces(peer.node.peerId).map(trace => attempted(trace).map(([, outcome]) => outcome)), [['cancelled', 'connected']])
  gate.resolve()
  await until(() => peer.node.getConnections(node.peerId).length, count => count === 1)
  t.deepEqual(here.connections(last), [1, 1, 1, 1, 1])
  t.deepEqual(here.pruned, [])
})

test('the last allowed connection goes to one of two lingering dials', async t => {
  const here = await scene(t, 2, 1)
  const { node, behind } = here
  const gates = []

  for (const peer of behind) {
    gates.push(await relayedFirst(t, here, peer))
  }

  t.is(node.getConnections().length, 4)
  gates.forEach(({ gate }) => { gate.resolve() })
  await until(() => node.getConnections().length, count => count === 5)
  await until(() => behind.map(peer => peer.node.getConnections(node.peerId).length), counts => counts.includes(1) && counts.includes(2))
  t.deepEqual(here.connections().toSorted((a, b) => a - b), [1, 1, 1, 2])
  t.deepEqual(here.pruned, [])
})

test('a connection over the limit closes a redundant one, and no other peer\'s', async t => {
  const { here, node, paced, first } = await full(t)
  // stops the clock, because the other node connects before both ends have agreed
  paced.speed = 0
  const more = await listening(t)
  t.is((await node.dial(addressesOf(more))).status, 'open')
  await until(() => here.pruned.length, Boolean)
  t.deepEqual(here.pruned, [first])
  t.is(first.status, 'closed')
  t.deepEqual(here.connections(more), [1, 1, 1, 1, 1])
})

test('a connection over the limit closes a peer\'s second inbound connection, and no other peer\'s', async t => {
  const node = await dialling(t, adaptive(), { listen: ['/ip4/127.0.0.1/tcp/0'], connectionManager: { maxConnections: 3 } })
  const [twice, once, more] = [await listening(t), await listening(t), await listening(t)]
  await twice.dial(node.getMultiaddrs())
  await twice.dial(node.getMultiaddrs(), { force: true })
  // libp2p would close the newest inbound connection
  await once.dial(node.getMultiaddrs())
  const count = (): number[] => [twice, once, more].map(({ peerId }) => node.getConnections(peerId).length)
  t.deepEqual(await until(count, ([two, one]) => two === 2 && one === 1), [2, 1, 0])
  await node.dial(addressesOf(more))
  t.deepEqual(await until(count, counts => counts.reduce((sum, one) => sum + one) === 3), [1, 1, 1])
})

test('a redundant connection with a stream is not closed by one connection over the limit', async t => {
  const here = await scene(t, 1, 2)
  const { node, behind: [peer], paced } = here as Scene & { behind: [PeerBehindRelay] }
  await peer.node.handle('/test/long/1', () => {}, ACCEPTS)
  const { first, gate } = await relayedFirst(t, here, peer)
  const stream = await first.newStream('/test/long/1', ACCEPTS)
  gate.resolve()
  await becameDirect(t, here, peer)
  const more = await listening(t)
  await node.dial(addressesOf(more))
  // libp2p reports its choice, but closes only connections without streams
  t.deepEqual(await until(() => here.pruned, ({ length }) => length > 0), [first])
  paced.speed = 20
  const now = paced.clock.now()
  await until(() => paced.clock.now(), time => time > now + 10_000)
  t.is(stream.status, 'open')
  t.deepEqual(here.connections(more), [2, 1, 1, 1, 1])

  stream.abort(new Error('That is all'))
  await until(() => first.status, status => status === 'closed')
  t.deepEqual(here.connections(more), [1, 1, 1, 1, 1])
})
