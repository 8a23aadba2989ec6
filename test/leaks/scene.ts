import { memory } from '@libp2p/memory'
import { tcp } from '@libp2p/tcp'
import { dialer } from '../../src/index.ts'
import { createNode } from '../helpers/node.ts'
import { leftOpen, openHandles, settled, until } from '../helpers/open-handles.ts'
import { Generators } from './generators.ts'
import type { Dialer, DialPipeline } from '../../src/index.ts'
import type { Connection, ConnectionGater, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

export type TransportName = 'tcp' | 'memory'

export interface SceneOptions {
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
  readonly generators: Generators
  /** Asserts that nothing is left but these connections, and nothing at all once they are closed */
  nothingLeft (...open: Connection[]): Promise<void>
}

let name = 0

/** Of a test that runs alone: what is open is counted for the whole process */
export async function scene (t: ExecutionContext, transport: TransportName, { gater, pipeline = generators => generators.pipeline(), dialTimeout }: SceneOptions = {}): Promise<Scene> {
  const generators = new Generators()
  const transports = transport === 'tcp' ? [tcp()] : [memory()]
  const [node, remote] = await Promise.all([
    createNode({ listen: [], transports, connectionGater: gater, connectionManager: { dialTimeout }, services: { dialer: dialer(pipeline(generators)) } }),
    createNode({ listen: [0, 1].map(() => transport === 'tcp' ? '/ip4/127.0.0.1/tcp/0' : `/memory/leaks-${name++}`), transports })
  ])
  t.teardown(async () => { await Promise.all([node.stop(), remote.stop()]) })

  const addresses = remote.getMultiaddrs() as [Multiaddr, Multiaddr]
  const before = openHandles()

  return {
    node,
    remote,
    addresses,
    generators,
    nothingLeft: async (...open) => {
      t.deepEqual(node.getDialQueue(), [])
      t.is(await until(() => generators.running, count => count === 0), 0, 'generators')
      t.deepEqual(await until(() => node.getConnections(), ({ length }) => length === open.length), open)
      t.is(await until(() => remote.getConnections().length, count => count === open.length), open.length, 'connections of the remote')

      // both ends of a socket are in this process
      const sockets = transport === 'tcp' ? open.length * 2 : 0
      t.is(await until(() => leftOpen(before)['TCPSocketWrap'] ?? 0, count => count === sockets), sockets, 'sockets')

      await Promise.all(open.map(async connection => connection.close()))
      t.deepEqual(await settled(before), {})
      t.deepEqual(await until(() => [node, remote].map(one => one.getConnections().length), ([ours, its]) => ours === 0 && its === 0), [0, 0])
    }
  }
}
