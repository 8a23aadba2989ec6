import test from 'ava'
import { setTimeout as sleep } from 'node:timers/promises'
import { ping } from '@libp2p/ping'
import { dialer } from '../../src/index.ts'
import { converge, dialable, fromCaller, gater, pipeline, race, rank, stagger } from '../../src/stages/index.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { createNode } from '../helpers/node.ts'
import { until } from '../helpers/until.ts'
import { Gate } from './kit.ts'
import type { ConnectionChange } from '../../src/pipeline/convergence.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'

const PROTOCOL = '/test/converge/1'
const PING = '/ipfs/ping/1.0.0'
const isWs = (address: { toString (): string }): boolean => address.toString().includes('/ws')

interface Converging {
  node: Libp2p<any>
  remote: Libp2p
  better: ConnectionChange[]
  events: ConnectionChange[]
  additions: ConnectionChange[]
  /** First connection, over TCP. The WebSocket connects when the gate opens */
  first: Connection
  gate: Gate
  /** Advances the clock and the event loop until `isDone`, or for `ms` */
  pass (ms: number, isDone?: () => boolean): Promise<void>
}

/** A node that prefers WebSockets, whose connection is slow */
async function converging (idle: number): Promise<Converging> {
  const clock = new VirtualClock()
  const gate = new Gate()
  const better: ConnectionChange[] = []
  const wsFirst = rank('ws-first', (a, b) => Number(isWs(b.multiaddr)) - Number(isWs(a.multiaddr)))
  const node = await createNode({
    listen: [],
    services: {
      ping: ping(),
      dialer: dialer(pipeline(fromCaller(), dialable(), gater(), wsFirst, stagger(100), race(), converge({ linger: 25_000 })), {
        clock,
        convergence: { order: ['ws', 'tcp'], idle, onPreferredChange: one => { better.push(one) } }
      })
    }
  })
  const remote = await createNode({ services: { ping: ping() } })
  await remote.handle(PROTOCOL, () => {})

  const { transportManager } = (node as unknown as { components: { transportManager: TransportManager } }).components
  const dial = transportManager.dial.bind(transportManager)
  transportManager.dial = async (multiaddr, options) => {
    if (isWs(multiaddr)) {
      await gate.pass()
    }

    return dial(multiaddr, options)
  }

  const events: ConnectionChange[] = []
  const additions: ConnectionChange[] = []
  node.services.dialer.addEventListener('connection:additional', ({ detail }) => { additions.push(detail) })
  node.services.dialer.addEventListener('connection:preferred', ({ detail }) => { events.push(detail) })

  const connected = node.dial(remote.getMultiaddrs())
  await gate.arrival
  // TCP is dialled too
  await clock.advance(500)

  async function pass (ms: number, isDone = () => false): Promise<void> {
    for (let passed = 0; passed < ms && !isDone(); passed += 20) {
      await clock.advance(20)
      await sleep(1)
    }
  }

  return { node, remote, better, events, additions, first: await connected, gate, pass }
}

test('the first connection is returned, the better one is announced, and the first is closed after its last stream', async t => {
  const { node, remote, better, events, additions, first, gate, pass } = await converging(0)
  t.false(isWs(first.remoteAddr))
  const stream: Stream = await first.newStream(PROTOCOL)

  gate.open()
  await until(() => better.length, n => n === 1)
  t.is(better[0]?.previous, first)
  t.true(isWs(better[0]?.connection.remoteAddr ?? ''))
  t.is(events[0]?.connection, better[0]?.connection)
  t.deepEqual(additions, [{ peerId: first.remotePeer, connection: better[0]?.connection as Connection, previous: first }])

  // the first connection has a stream of the application, and new streams use the other
  const next = await node.dialProtocol(remote.peerId, PROTOCOL)
  t.true(better[0]?.connection.streams.includes(next))
  t.is(await node.dial(remote.getMultiaddrs()), better[0]?.connection as Connection)
  next.abort(new Error('That is all'))
  await pass(2_500)
  t.is(first.status, 'open')

  await stream.close()
  remote.getConnections(node.peerId).forEach(connection => { connection.streams.forEach(one => { void one.close() }) })
  await pass(60_000, () => first.status === 'closed')
  t.is(first.status, 'closed')
  t.deepEqual(node.getConnections(remote.peerId), [better[0]?.connection])
  t.is(better[0]?.connection.status, 'open')

  await Promise.all([node.stop(), remote.stop()])
})

test('convergence does not close the last connection to a peer', async t => {
  const { node, remote, better, first, gate, pass } = await converging(2_000)
  gate.open()
  await until(() => better.length, n => n === 1)
  await better[0]?.connection.close()
  await pass(4_000)

  t.is(first.status, 'open')
  await Promise.all([node.stop(), remote.stop()])
})

test('stopping the node ends a lingering dial', async t => {
  const { node, remote, better, gate } = await converging(30_000)
  await node.stop()
  gate.open()
  await until(() => remote.getConnections().length, n => n === 0)

  t.is(better.length, 0)
  t.deepEqual(node.getConnections(), [])
  await remote.stop()
})

test('a ping stream of the application on the connection that stays does not keep the redundant one open', async t => {
  const { node, remote, better, first, gate, pass } = await converging(0)

  gate.open()
  await until(() => better.length, n => n === 1)
  await better[0]?.connection.newStream(PING)
  await pass(60_000, () => first.status !== 'open')
  t.not(first.status, 'open')
  await Promise.all([node.stop(), remote.stop()])
})

test('the application can ping over the connection that stays while the node checks it', async t => {
  const { node, remote, better, first, gate, pass } = await converging(0)

  gate.open()
  await until(() => better.length, n => n === 1)
  const { connection } = better[0] as ConnectionChange
  const { newStream } = connection
  const answered = new Gate()
  let isChecked = false
  connection.newStream = async (protocols, options) => {
    connection.newStream = newStream
    const result = await Promise.allSettled([newStream(protocols, options)])
    isChecked = true
    await answered.pass()

    return result[0].status === 'fulfilled' ? result[0].value : Promise.reject(result[0].reason)
  }

  await pass(10_000, () => isChecked)
  t.true(isChecked)
  await t.notThrowsAsync(node.services.ping.ping(remote.peerId))
  answered.open()
  await pass(60_000, () => first.status !== 'open')
  t.not(first.status, 'open')
  await Promise.all([node.stop(), remote.stop()])
})
