import { randomBytes } from 'node:crypto'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { Circuit } from '@multiformats/multiaddr-matcher'
import test from 'ava'
import { adaptive } from '../../presets/index.ts'
import { pacedClock } from '../helpers/paced-clock.ts'
import { connectionOf, hashOf, receiveHashes, sendHalves } from '../helpers/transfer.ts'
import { PATIENCE, until } from '../helpers/until.ts'
import { hold } from '../libp2p/behind-relay.ts'
import { dialling, listening } from '../libp2p/kit.ts'
import type { ConnectionChange } from '../../src/pipeline/convergence.ts'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'
import type { Libp2pOptions } from 'libp2p'

type Transports = NonNullable<Libp2pOptions['transports']>

const PROTOCOL = '/test/transfer/1'

export interface RelayTransfer {
  readonly name: string
  /** The direct address at which the remote listens */
  readonly listen: string
  readonly transports?: Transports
  /** Whether the relay limits its connections */
  readonly applyDefaultLimit: boolean
  /** The number of bytes that are sent over the relay */
  readonly size: number
}

/** Declares a test in which a direct connection arrives while a transfer runs on the relayed one */
export function relayTransfer ({ name, listen, transports = [tcp(), webSockets()], applyDefaultLimit, size }: RelayTransfer): void {
  test.serial(`${name}: what was begun on the relayed connection ends there, what begins later is direct`, async t => {
    const { listener, direct, indirect } = await reachableTwice(t, listen, transports, applyDefaultLimit)
    const hashes = receiveHashes(listener, PROTOCOL)
    const changes: ConnectionChange[] = []
    const events: ConnectionChange[] = []
    const additions: ConnectionChange[] = []
    const paced = pacedClock(t)
    const node = await dialling(t, adaptive(), {
      transports: [...transports, circuitRelayTransport()],
      services: { identify: identify() },
      // the connection monitor pings, as it does by default. The interval suits the faster clock of the dialer
      connectionMonitor: { enabled: true, pingInterval: 500, abortConnectionOnPingFailure: false },
      dialerInit: { clock: paced.clock, convergence: { onPreferredChange: one => { changes.push(one) } } }
    })
    node.services.dialer.addEventListener('connection:preferred', ({ detail }) => { events.push(detail) })
    node.services.dialer.addEventListener('connection:additional', ({ detail }) => { additions.push(detail) })
    const gate = Promise.withResolvers<void>()
    hold(node, direct, gate.promise)
    await node.peerStore.merge(listener.peerId, { multiaddrs: [direct, indirect] })

    const options = { runOnLimitedConnection: true }
    const first = await node.dial(listener.peerId, options)
    t.false(first.direct)
    t.is(first.limits != null, applyDefaultLimit)
    t.deepEqual(node.getDialQueue(), [])

    const sent = randomBytes(size)
    const stream = await first.newStream(PROTOCOL, options)
    // the transfer goes on while the direct connection completes
    const transfer = sendHalves(stream, sent, async () => until(() => changes.length, Boolean))
    gate.resolve()

    await until(() => changes.length, n => n === 1)
    const second = changes[0]?.connection as Connection
    t.true(second.direct)
    t.is(changes[0]?.previous, first)
    t.is(node.services.dialer.preferred(listener.peerId), second)
    t.is(await node.dial(listener.peerId), second)

    const next = await node.dialProtocol(listener.peerId, PROTOCOL, options)
    t.is(connectionOf(node, next), second)
    next.abort(new Error('That is all'))

    await transfer
    t.true(await until(() => hashes.has(hashOf(sent)), Boolean))
    t.is(first.status, 'open')

    paced.speed = 20
    await until(() => first.status, status => status !== 'open', 60_000)
    t.is(first.status, 'closed')
    t.deepEqual(node.getConnections(listener.peerId), [second])
    const closedAt = paced.clock.now()
    await until(() => paced.clock.now(), now => now > closedAt + 60_000, 60_000)
    t.is(second.status, 'open')
    t.deepEqual([changes, events, additions].map(({ length }) => length), [1, 1, 1])
    t.is(events[0], changes[0])
    t.is(additions[0]?.connection, second)
  })
}

/** Creates a node that listens directly and through a relay */
async function reachableTwice (t: ExecutionContext, listen: string, transports: Transports, applyDefaultLimit: boolean): Promise<{ listener: Libp2p, direct: Multiaddr, indirect: Multiaddr }> {
  const relay = await listening(t, {
    listen: ['/ip4/127.0.0.1/tcp/0'],
    services: { identify: identify(), relay: circuitRelayServer({ reservations: { applyDefaultLimit } }) }
  })
  const listener = await listening(t, {
    listen: [listen, ...relay.getMultiaddrs().map(address => `${address}/p2p-circuit`)],
    transports: [...transports, circuitRelayTransport({ reservationCompletionTimeout: PATIENCE })],
    services: { identify: identify() }
  })
  const addresses = listener.getMultiaddrs()
  const [indirect, direct] = [true, false].map(isIndirect => addresses.find(address => Circuit.exactMatch(address) === isIndirect))

  if (direct == null || indirect == null) {
    throw new Error('It is not reachable in both ways')
  }

  return { listener, direct, indirect }
}
