import test from 'ava'
import { setTimeout as sleep } from 'node:timers/promises'
import { dialer } from '../../src/index.ts'
import { converge, dialable, fromCaller, gater, pipeline, race, rank, stagger } from '../../src/stages/index.ts'
import { fastClock } from '../helpers/fast-clock.ts'
import { createNode } from '../helpers/node.ts'
import { until } from '../helpers/open-handles.ts'
import type { BetterConnection } from '../../src/pipeline/convergence.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'

const PROTOCOL = '/test/converge/1'
const isWs = (address: { toString (): string }): boolean => address.toString().includes('/ws')

/** WebSockets are preferred, and take their time */
async function converging (idle: number): Promise<{ node: Libp2p<any>, remote: Libp2p, better: BetterConnection[], events: BetterConnection[], alternatives: Connection[] }> {
  const better: BetterConnection[] = []
  const wsFirst = rank('ws-first', (a, b) => Number(isWs(b.multiaddr)) - Number(isWs(a.multiaddr)))
  const node = await createNode({
    listen: [],
    services: { dialer: dialer(pipeline(fromCaller(), dialable(), gater(), wsFirst, stagger(100), race(), converge({ linger: 25_000, idle, onBetter: one => { better.push(one) } })), { clock: fastClock(5) }) }
  })
  const remote = await createNode()
  await remote.handle(PROTOCOL, () => {})

  const { transportManager } = (node as unknown as { components: { transportManager: TransportManager } }).components
  const dial = transportManager.dial.bind(transportManager)
  transportManager.dial = async (multiaddr, options) => {
    if (isWs(multiaddr)) {
      await sleep(300)
    }

    return dial(multiaddr, options)
  }

  const events: BetterConnection[] = []
  const alternatives: Connection[] = []
  node.services.dialer.addEventListener('connection:alternative', ({ detail }) => { alternatives.push(detail.connection) })
  node.services.dialer.addEventListener('connection:preferred', ({ detail }) => { events.push(detail) })

  return { node, remote, better, events, alternatives }
}

test('the first connection at once, the better one by callback and event, the first closed when its last stream is', async t => {
  const { node, remote, better, events, alternatives } = await converging(0)
  const first = await node.dial(remote.getMultiaddrs())
  t.false(isWs(first.remoteAddr))
  const stream: Stream = await first.newStream(PROTOCOL)

  await until(() => better.length, n => n === 1)
  t.is(better[0]?.previous, first)
  t.true(isWs(better[0]?.preferred.remoteAddr ?? ''))
  t.is(events[0]?.preferred, better[0]?.preferred)
  t.deepEqual(alternatives, [better[0]?.preferred as Connection])

  // it carries a stream of the application, and new ones take the other
  const next = await node.dialProtocol(remote.peerId, PROTOCOL)
  t.true(better[0]?.preferred.streams.includes(next))
  t.is(await node.dial(remote.getMultiaddrs()), better[0]?.preferred as Connection)
  next.abort(new Error('That is all'))
  await sleep(500)
  t.is(first.status, 'open')

  await stream.close()
  remote.getConnections(node.peerId).forEach(connection => { connection.streams.forEach(one => { void one.close() }) })
  await until(() => first.status, status => status === 'closed')
  t.deepEqual(node.getConnections(remote.peerId), [better[0]?.preferred])
  t.is(better[0]?.preferred.status, 'open')

  await Promise.all([node.stop(), remote.stop()])
})

test('the last connection to a peer is not closed', async t => {
  const { node, remote, better } = await converging(2_000)
  const first = await node.dial(remote.getMultiaddrs())
  await until(() => better.length, n => n === 1)
  await better[0]?.preferred.close()
  await sleep(800)

  t.is(first.status, 'open')
  await Promise.all([node.stop(), remote.stop()])
})

test('a node that stops while a better connection is waited for leaves nothing open', async t => {
  const { node, remote, better } = await converging(30_000)
  await node.dial(remote.getMultiaddrs())
  await node.stop()
  await until(() => remote.getConnections().length, n => n === 0)

  t.is(better.length, 0)
  t.deepEqual(node.getConnections(), [])
  await remote.stop()
})
