import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { adaptive } from '../../presets/index.ts'
import { systemClock } from '../../src/pipeline/clock.ts'
import { fromCaller, pipeline, race, stage } from '../../src/stages/index.ts'
import { delayed } from '../helpers/delayed.ts'
import { until } from '../helpers/until.ts'
import { hold, oneBehindRelay, overRelay, PROTOCOL } from './behind-relay.ts'
import { dialling, listening, mute } from './kit.ts'
import type { PeerBehindRelay } from './behind-relay.ts'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

/** Returns a direct address of a peer with `delay` milliseconds each way. Infinity: the address never answers */
async function directWay (t: ExecutionContext, { node, direct }: PeerBehindRelay, delay: number): Promise<Multiaddr> {
  if (delay === Infinity) {
    const { port } = await mute(t)

    return multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${node.peerId}`)
  }

  const way = await delayed(Number(direct.getComponents().find(({ name }) => name === 'tcp')?.value), delay, systemClock)
  t.teardown(way.close)

  return multiaddr(`/ip4/127.0.0.1/tcp/${way.port}/p2p/${node.peerId}`)
}

interface Scene {
  readonly node: Libp2p
  readonly remote: Libp2p
  /** All connections to the peer */
  readonly opened: Connection[]
}

/** A node that knows a relayed address of a peer, and a slow direct one */
async function scene (t: ExecutionContext, who: 'ours' | 'stock', delay: number): Promise<Scene> {
  const peer = await oneBehindRelay(t)
  const options = { ...overRelay(), connectionManager: { addressDialTimeout: 2_000 } }
  const node: Libp2p = who === 'ours' ? await dialling(t, adaptive(), options) : await listening(t, { ...options, listen: [] })
  const opened: Connection[] = []
  node.addEventListener('connection:open', ({ detail }) => {
    if (detail.remotePeer.equals(peer.node.peerId)) {
      opened.push(detail)
    }
  })
  await node.peerStore.merge(peer.node.peerId, { multiaddrs: [await directWay(t, peer, delay), peer.indirect] })

  return { node, remote: peer.node, opened }
}

const ACCEPTS = { runOnLimitedConnection: true }

test('a caller that does not accept limits gets the direct connection, and the relayed one is closed', async t => {
  const { node: remote, direct, indirect } = await oneBehindRelay(t)
  const node = await dialling(t, adaptive(), overRelay())
  const opened: Connection[] = []
  const relayed = new Promise<void>(resolve => {
    node.addEventListener('connection:open', ({ detail }) => {
      if (detail.remotePeer.equals(remote.peerId)) {
        opened.push(detail)
        resolve()
      }
    })
  })
  await node.peerStore.merge(remote.peerId, { multiaddrs: [direct, indirect] })
  hold(node, direct, relayed)
  const connection = await node.dial(remote.peerId)
  t.true(connection.direct)
  t.deepEqual(opened.map(({ direct }) => direct), [false, true])
  await until(() => node.getConnections(remote.peerId), ({ length }) => length === 1)
  t.deepEqual(node.getConnections(remote.peerId), [connection])
})

test('a caller that does not accept limits gets a limited connection when no other connects, and cannot open a stream', async t => {
  const { node, remote } = await scene(t, 'ours', Infinity)
  const connection = await node.dial(remote.peerId)
  t.truthy(connection.limits)
  await t.throwsAsync(node.dialProtocol(remote.peerId, PROTOCOL), { name: 'LimitedConnectionError' })
  t.is((await node.dialProtocol(remote.peerId, PROTOCOL, ACCEPTS)).protocol, PROTOCOL)
})

test('libp2p\'s own dialer waits for the direct connection and does not dial the relay', async t => {
  for (const options of [{}, ACCEPTS]) {
    const { node, remote, opened } = await scene(t, 'stock', 100)
    const connection = await node.dial(remote.peerId, options)
    t.true(connection.direct)
    t.deepEqual(opened, [connection])
  }
})

test('libp2p\'s own dialer connects over the relay when the direct address has failed', async t => {
  const { node, remote } = await scene(t, 'stock', Infinity)
  const connection = await node.dial(remote.peerId, ACCEPTS)
  t.truthy(connection.limits)
  await t.throwsAsync(node.dialProtocol(remote.peerId, PROTOCOL), { name: 'LimitedConnectionError' })
})

test('a caller that accepts limits gets an open limited connection, and later streams use the direct one of the lingering dial', async t => {
  const { node: remote, indirect, direct } = await oneBehindRelay(t)
  const node = await dialling(t, adaptive(), overRelay())
  const first = await node.dial(indirect, ACCEPTS)
  await node.peerStore.merge(remote.peerId, { multiaddrs: [direct] })
  const preferred = new Promise<Connection>(resolve => { node.services.dialer.addEventListener('connection:preferred', ({ detail }) => { resolve(detail.connection) }) })

  t.is(await node.dial(remote.peerId, ACCEPTS), first)

  const better = await preferred
  t.true(better.direct)
  t.is(await node.dial(remote.peerId, ACCEPTS), better)
})

test('a node does not hand out a limited connection that a stage below the race refuses', async t => {
  const peer = await oneBehindRelay(t)
  const direct = stage({
    name: 'direct',
    accepts: ['connections'],
    yields: 'connections',
    run: async function * (connections, dial) {
      for await (const connection of connections) {
        if (connection.direct) {
          yield connection
        } else {
          dial.discard(connection, 'is relayed')
        }
      }
    }
  })
  const node = await dialling(t, pipeline(fromCaller(), race(), direct), overRelay())

  await t.throwsAsync(node.dial(peer.indirect), { name: 'VerificationError', message: /is relayed/ })
  await until(() => node.getConnections(peer.node.peerId), ({ length }) => length === 0)
  t.true((await node.dial(peer.direct)).direct)
})
