import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import test from 'ava'
import { createNode } from './node.ts'
import { relayed } from './relay.ts'
import type { Connection } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

test('the relay helper makes a node that listens only through its relay and is reached through it', async t => {
  const { connection, listener, relay } = await dialThrough(t)

  t.true(connection.remotePeer.equals(listener.peerId))
  t.true(connection.remoteAddr.toString().includes(`/p2p/${relay.peerId}/p2p-circuit`))
  t.true(listener.getMultiaddrs().every(address => address.toString().includes('/p2p-circuit')))
})

test('a connection through the test relay is limited by default', async t => {
  const { connection } = await dialThrough(t)

  t.truthy(connection.limits)
})

test('a connection through an unlimited test relay has no limits', async t => {
  const { connection } = await dialThrough(t, false)

  t.is(connection.limits, undefined)
})

async function dialThrough (t: ExecutionContext, applyDefaultLimit?: boolean): Promise<{ connection: Connection } & Awaited<ReturnType<typeof relayed>>> {
  const nodes = await relayed({ applyDefaultLimit })
  t.teardown(nodes.stop)

  const dialer = await createNode({
    listen: [],
    transports: [tcp(), circuitRelayTransport()],
    services: { identify: identify() }
  })
  t.teardown(async () => { await dialer.stop() })

  return { ...nodes, connection: await dialer.dial(nodes.multiaddr) }
}
