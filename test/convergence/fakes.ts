import { NotFoundError } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { Convergence } from '../../src/convergence/convergence.ts'
import { silentLogger } from '../../src/testing/silent-logger.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { ConvergenceInit } from '../../src/pipeline/convergence-init.ts'
import type { ConnectionChange } from '../../src/pipeline/convergence.ts'
import type { Connection, Libp2pEvents, PeerId } from '@libp2p/interface'

export const RELAY = '/ip4/192.0.2.9/tcp/1/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit'
export const TCP = '/ip4/192.0.2.1/tcp/1'
export const WS = '/ip4/192.0.2.1/tcp/2/ws'
export const QUIC = '/ip4/192.0.2.1/udp/1/quic-v1'

const SELF = 'm'

/** Ids of remotes that sort after and before this node's id */
export const ABOVE = 'z'
export const BELOW = 'a'

/** Creates a peer id with the members that convergence reads */
export function peer (name: string): PeerId {
  return { toString: () => name, equals: (other: unknown) => String(other) === name } as unknown as PeerId
}

export class FakeStream extends TypedEventEmitter<{ close: Event }> {
  readonly protocol: string

  constructor (protocol: string) {
    super()
    this.protocol = protocol
  }

  async close (): Promise<void> {}
}

export interface FakeConnectionInit {
  to?: string
  remotePeer?: string
  direction?: 'inbound' | 'outbound'
  isLimited?: boolean
  rtt?: number
}

export class FakeConnection extends TypedEventEmitter<{ close: Event }> {
  readonly remotePeer: PeerId
  readonly remoteAddr
  readonly direct: boolean
  readonly direction: string
  readonly limits?: object
  rtt?: number
  status = 'open'
  streams: FakeStream[] = []
  closes = 0
  checks = 0
  failure?: Error
  /** The result of a stream that is opened on the connection */
  answer: () => Promise<void> = async () => {}

  constructor ({ to = TCP, remotePeer = 'z', direction = 'outbound', isLimited = false, rtt }: FakeConnectionInit = {}) {
    super()
    this.remotePeer = peer(remotePeer)
    this.remoteAddr = multiaddr(to)
    this.direct = !to.includes('p2p-circuit')
    this.direction = direction
    this.limits = isLimited ? {} : undefined
    this.rtt = rtt
  }

  newStream = async (protocols: string | string[]): Promise<FakeStream> => {
    this.checks += protocols === '/libp2p-dial-pipeline/check/1.0.0' ? 1 : 0
    await this.answer()

    return new FakeStream(String(protocols))
  }

  open (protocol: string): FakeStream {
    const stream = new FakeStream(protocol)
    this.streams.push(stream)

    return stream
  }

  finish (stream: FakeStream): void {
    this.streams = this.streams.filter(one => one !== stream)
    stream.safeDispatchEvent('close')
  }

  async close (): Promise<void> {
    this.closes++

    if (this.failure != null) {
      throw this.failure
    }

    this.gone()
  }

  gone (): void {
    this.status = 'closed'
    this.safeDispatchEvent('close')
  }

  get real (): Connection {
    return this as unknown as Connection
  }
}

/** A node whose connections the test creates */
export class FakeNode {
  readonly clock: VirtualClock
  readonly events = new TypedEventEmitter<Libp2pEvents>()
  readonly connections: FakeConnection[] = []
  readonly changes: ConnectionChange[] = []
  maxConnections = Infinity
  readonly convergence: Convergence
  /** The connections that a dial or a check still has to decide on */
  readonly undecided = new Set<FakeConnection>()
  /** The tags of every peer */
  tags?: string[]
  /** The error of the peer store. Undefined: it answers */
  storeError?: Error

  /** Whether the connections converge */
  isActive = true

  constructor (init?: ConvergenceInit | false, name = SELF, clock = new VirtualClock(0)) {
    this.clock = clock
    const components = {
      peerId: peer(name),
      events: this.events,
      logger: silentLogger,
      connectionManager: { getConnections: (id?: PeerId) => this.connections.filter(({ remotePeer }) => id == null || remotePeer.toString() === id.toString()), getMaxConnections: () => this.maxConnections },
      peerStore: {
        get: async () => {
          if (this.storeError != null || this.tags == null) {
            throw this.storeError ?? new NotFoundError('nothing is known')
          }

          return { tags: new Map(this.tags.map(tag => [tag, {}])) }
        }
      }
    }

    this.convergence = new Convergence(components as any, {
      clock: this.clock,
      close: async connection => connection.close(),
      isUndecided: connection => this.undecided.has(connection as unknown as FakeConnection),
      onPreferred: change => { this.changes.push(change) }
    }, init)
    this.convergence.start()
    this.convergence.isOn = true
  }

  /** Opens a connection. An inbound one takes part immediately, an outbound one when a dial has yielded it */
  async open (init: FakeConnectionInit & { isOfDial?: boolean, isUndecided?: boolean } = {}): Promise<FakeConnection> {
    const connection = new FakeConnection(init)
    connection.addEventListener('close', () => { this.remove(connection) })

    if (init.isUndecided === true) {
      this.undecided.add(connection)
    }

    this.add(connection)

    if (init.direction !== 'inbound' && init.isOfDial !== false) {
      this.convergence.accepted(connection.real)
    }

    await settled()

    return connection
  }

  add (connection: FakeConnection): void {
    this.connections.push(connection)
    this.events.safeDispatchEvent('connection:open', { detail: connection.real })
  }

  remove (connection: FakeConnection): void {
    this.connections.splice(this.connections.indexOf(connection), 1)
    this.events.safeDispatchEvent('connection:close', { detail: connection.real })
  }

  preferred (name = 'z'): FakeConnection | undefined {
    return this.convergence.preferred(peer(name)) as unknown as FakeConnection | undefined
  }
}
