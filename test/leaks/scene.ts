import { dialer } from '../../src/index.ts'
import { createNode } from '../helpers/node.ts'
import { leftOpen, openHandles, settled, until } from '../helpers/open-handles.ts'
import { Generators } from './generators.ts'
import { place } from './places.ts'
import type { Way } from './places.ts'
import type { Dialer, DialPipeline } from '../../src/index.ts'
import type { Connection, ConnectionGater, Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

export interface SceneOptions {
  /** Not asked of connections to relays */
  gater?: ConnectionGater
  /** Default: that of the generators */
  pipeline?: (generators: Generators) => DialPipeline
  /** The node's */
  dialTimeout?: number
}

/** Two nodes, and the means to see that nothing is left of what went on between them */
export interface Scene {
  readonly node: Libp2p<{ dialer: Dialer }>
  readonly remote: Libp2p
  /** Two addresses of the remote */
  readonly addresses: readonly [Multiaddr, Multiaddr]
  /** Two addresses where nobody is */
  readonly nobody: readonly [Multiaddr, Multiaddr]
  readonly generators: Generators
  /** Asserts that nothing is left but these connections, and nothing at all once they are closed */
  nothingLeft (...open: Connection[]): Promise<void>
}

/** Of a test that runs alone: what is open is counted for the whole process */
export async function scene (t: ExecutionContext, way: Way, { gater, pipeline = generators => generators.pipeline(), dialTimeout }: SceneOptions = {}): Promise<Scene> {
  const generators = new Generators()
  const { remote, relays, addresses, nobody, dialling, stop } = await place(way)
  t.teardown(stop)

  const node = await createNode<any>({
    ...dialling,
    listen: [],
    connectionGater: except(relays, gater),
    connectionManager: { dialTimeout },
    services: { ...dialling.services, dialer: dialer(pipeline(generators)) }
  })
  t.teardown(async () => { await node.stop() })

  /** Those of the node to whom it dials, and those to the relays on the way */
  const connections = (): Connection[] => node.getConnections().filter(({ remotePeer }) => relays.every(({ peerId }) => !peerId.equals(remotePeer)))
  const hops = (): Connection[] => relays.flatMap(({ peerId }) => node.getConnections(peerId))
  const before = openHandles()

  return {
    node,
    remote,
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
      t.is(await until(() => leftOpen(before)['TCPSocketWrap'] ?? 0, count => count === sockets), sockets, 'sockets')

      // a relay stays connected, but once
      t.true(relays.every(({ peerId }) => node.getConnections(peerId).length <= 1))
      await Promise.all(open.map(async connection => connection.close()))
      await Promise.all(hops().map(async connection => connection.close()))

      t.deepEqual(await settled(before), {})
      t.deepEqual(await until(() => [node.getConnections().length, remote.getConnections(node.peerId).length], ([ours, its]) => ours === 0 && its === 0), [0, 0])
    }
  }
}

function except (relays: readonly Libp2p[], gater: ConnectionGater = {}): ConnectionGater {
  const hooks = Object.entries(gater) as Array<[string, (peer: PeerId, ...rest: unknown[]) => unknown]>

  return Object.fromEntries(hooks.map(([name, hook]) => [name, (peer: PeerId, ...rest: unknown[]) => {
    return relays.every(({ peerId }) => !peerId.equals(peer)) && hook(peer, ...rest)
  }]))
}

/** Short enough to be read where it differs */
function described ({ id, remoteAddr, direction, status }: Connection): string {
  return `${id} ${remoteAddr} ${direction} ${status}`
}
