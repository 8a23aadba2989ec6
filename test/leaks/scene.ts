import { setTimeout as sleep } from 'node:timers/promises'
import { dialer } from '../../src/index.ts'
import { createNode } from '../helpers/node.ts'
import { leftOpen, leftOpenAfterWait, openHandles } from '../helpers/open-handles.ts'
import { until } from '../helpers/until.ts'
import { Generators } from './generators.ts'
import { place } from './places.ts'
import { Timers } from './timers.ts'
import type { Way } from './places.ts'
import type { Dialer, DialPipeline } from '../../src/index.ts'
import type { Connection, ConnectionGater, Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

export interface SceneOptions {
  /** The gater. It is not called for connections to relays */
  gater?: ConnectionGater
  /** Default: the pipeline of the generators */
  pipeline?: (generators: Generators) => DialPipeline
  /** The dial timeout of the node in milliseconds */
  dialTimeout?: number
  /** Whether the relays on the way are dialled beforehand */
  isRelayed?: boolean
}

/** Two nodes, with checks that dials between them leave nothing */
export interface Scene {
  readonly node: Libp2p<{ dialer: Dialer }>
  readonly remote: Libp2p
  /** Two addresses of the remote */
  readonly addresses: readonly [Multiaddr, Multiaddr]
  /** The relays on the way, if any */
  readonly relays: readonly Libp2p[]
  /** Two addresses without a listener */
  readonly nobody: readonly [Multiaddr, Multiaddr]
  readonly generators: Generators
  /** Asserts that only these connections are left, and nothing after they were closed */
  nothingLeft (...open: Connection[]): Promise<void>
}

/** Creates the scene of a serial test: handles are counted for the whole process */
export async function scene (t: ExecutionContext, way: Way, { gater, pipeline = generators => generators.pipeline(), dialTimeout, isRelayed = false }: SceneOptions = {}): Promise<Scene> {
  const generators = new Generators()
  const { remote, relays, addresses, nobody, dialling, stop } = await place(way)
  t.teardown(stop)

  const node = await createNode<any>({
    ...dialling,
    listen: [],
    connectionGater: except(relays, gater),
    connectionManager: { dialTimeout },
    services: { ...dialling.services, dialer: dialer(pipeline(generators), { traces: 0 }) }
  })
  t.teardown(async () => { await node.stop() })

  const timers = new Timers()
  t.teardown(() => { timers.stop() })

  if (isRelayed) {
    await Promise.all(relays.map(async relay => node.dial(relay.getMultiaddrs())))
    // identify and the upkeep of the connections have to finish
    await sleep(1_500)
  }

  const known = new Set(node.getConnections())
  /** The connections of the node without those to relays, and the connections to relays */
  const connections = (): Connection[] => node.getConnections().filter(({ remotePeer }) => relays.every(({ peerId }) => !peerId.equals(remotePeer)))
  const hops = (): Connection[] => relays.flatMap(({ peerId }) => node.getConnections(peerId)).filter(connection => !known.has(connection))
  const before = { handles: openHandles(), timers: isRelayed ? timers.running.length : 0 }

  return {
    node,
    remote,
    relays,
    addresses,
    nobody,
    generators,
    nothingLeft: async (...open) => {
      t.deepEqual(node.getDialQueue(), [])
      t.is(await until(() => generators.running, count => count === 0), 0, 'generators')
      t.deepEqual((await until(connections, ({ length }) => length === open.length)).map(described), open.map(described))
      t.is(await until(() => remote.getConnections(node.peerId).length, count => count === open.length), open.length, 'connections of the remote')

      // both ends of a socket are in this process
      const sockets = (way === 'tcp' || way === 'ws' ? open.length : hops().length) * 2
      t.is(await until(() => leftOpen(before.handles)['TCPSocketWrap'] ?? 0, count => count === sockets), sockets, 'sockets')

      // the connection to a relay stays, but only one
      t.true(relays.every(({ peerId }) => node.getConnections(peerId).length <= 1))
      await Promise.all(open.map(async connection => connection.close()))
      await Promise.all(hops().map(async connection => connection.close()))

      t.deepEqual(await leftOpenAfterWait(before.handles), {})
      t.deepEqual(await timers.left(before.timers), [], 'timers')
      t.deepEqual(await until(() => [connections().length, remote.getConnections(node.peerId).length], ([ours, its]) => ours === 0 && its === 0), [0, 0])
      t.deepEqual(node.getConnections().map(described), Array.from(known, described))
    }
  }
}

function except (relays: readonly Libp2p[], gater: ConnectionGater = {}): ConnectionGater {
  const hooks = Object.entries(gater) as Array<[string, (peer: PeerId, ...rest: unknown[]) => unknown]>

  return Object.fromEntries(hooks.map(([name, hook]) => [name, (peer: PeerId, ...rest: unknown[]) => {
    return relays.every(({ peerId }) => !peerId.equals(peer)) && hook(peer, ...rest)
  }]))
}

/** Describes a connection briefly, for the message of a failure */
function described ({ id, remoteAddr, direction, status }: Connection): string {
  return `${id} ${remoteAddr} ${direction} ${status}`
}
