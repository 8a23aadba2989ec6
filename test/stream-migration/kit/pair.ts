import { streamMigration } from '../../../src/stream-migration/index.ts'
import { PROTOCOL } from '../../../src/stream-migration/protocol.ts'
import { createMemoryNode, createNode } from '../../helpers/node.ts'
import { until } from '../../helpers/until.ts'
import { ECHO } from './scene.ts'
import { Talker } from './talker.ts'
import type { StreamMigrationService } from '../../../src/stream-migration/index.ts'
import type { Side } from './wire.ts'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

export type Transport = 'memory' | 'tcp'
export type Ends<T> = readonly [T, T]

type MovingNode = Libp2p<{ streamMigration: StreamMigrationService }>

/** Two real nodes with stream migration, for one test */
export class Pair {
  readonly #nodes: Ends<MovingNode>
  #accept: (talker: Talker) => void = () => {}

  constructor (nodes: Ends<MovingNode>) {
    this.#nodes = nodes
    nodes[1].services.streamMigration.handle(ECHO, stream => { this.#accept(new Talker(stream, 1)) })
  }

  /** Opens another connection, and returns both ends of it */
  async connect (): Promise<Ends<Connection>> {
    const [dialling, listening] = this.#nodes
    const [address] = listening.getMultiaddrs()

    if (address == null) {
      throw new Error('Nobody listens')
    }

    const known = new Set(listening.getConnections())
    const own = await dialling.dial(address, { force: true })
    const other = await until(() => listening.getConnections().find(connection => !known.has(connection)), connection => connection != null)

    return [own, other as Connection]
  }

  async open (connection: Connection): Promise<Ends<Talker>> {
    const accepted = new Promise<Talker>(resolve => { this.#accept = resolve })
    const own = new Talker(await this.#nodes[0].services.streamMigration.open(connection, ECHO), 0)

    return [own, await accepted]
  }

  async migrate (side: Side, talker: Talker, to: Ends<Connection>): Promise<void> {
    await this.#nodes[side].services.streamMigration.migrate(talker.stream, to[side])
  }

  /** The number of streams of the protocol, and of labels, at both ends */
  get left (): number {
    return this.#nodes.reduce((sum, node) => {
      const streams = node.getConnections().flatMap(({ streams }) => streams)

      return sum + node.services.streamMigration.streams.length + streams.filter(({ protocol }) => protocol === PROTOCOL).length
    }, 0)
  }
}

export async function pair (t: ExecutionContext, transport: Transport): Promise<Pair> {
  const create = transport === 'memory' ? createMemoryNode : createNode
  const nodes = await Promise.all([0, 1].map(async () => create({ services: { streamMigration: streamMigration() } })))
  t.teardown(async () => { await Promise.all(nodes.map(async node => { await node.stop() })) })

  return new Pair(nodes as [MovingNode, MovingNode])
}
