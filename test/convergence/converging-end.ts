import { setTimeout as sleep } from 'node:timers/promises'
import { identify } from '@libp2p/identify'
import { dialer } from '../../src/index.ts'
import { BACKGROUND } from '../../src/convergence/connection-drain.ts'
import { dialable, fromCaller, gater, pipeline } from '../../src/stages/index.ts'
import { createNode } from '../helpers/node.ts'
import { PATIENCE } from '../helpers/until.ts'
import { UNHURRIED } from './converging-dialer.ts'
import type { NodeOptions } from '../helpers/node.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ConvergingDialer } from './converging-dialer.ts'

const PROTOCOL = '/test/simultaneous/1'

/** Stream options that accept limited connections */
const ON_ANY = { runOnLimitedConnection: true }

/** The maximum number of tries of a dial */
const TRIES = 10

/** The pipeline of a second dial: with the same pipeline it would join the first */
const other = pipeline(fromCaller(), dialable(), gater(), UNHURRIED)

/** Long timeouts, so that nothing fails on a busy machine */
const connectionManager = { addressDialTimeout: PATIENCE, dialTimeout: PATIENCE, inboundUpgradeTimeout: PATIENCE, inboundStreamProtocolNegotiationTimeout: PATIENCE, outboundStreamProtocolNegotiationTimeout: PATIENCE }

export interface Outcome {
  rounds: number
  /** Rounds after which both ends have the same single connection */
  converged: number
  /** Rounds after which each end with the rule has at most one connection that it dialled */
  thinned: number
  /** Rounds after which an end has no connection */
  lost: number
  /** The number of connections in all rounds */
  connections: number
  /** Streams that were opened while connections were closed: successful ones, and ones that crossed with a close */
  streams: number
  crossed: number
  /** Streams that were open at the closing end when it began to close their connection */
  cut: number
  /** Dials that took too long and were repeated */
  repeated: number
}

interface ConvergingEndInit {
  outcome: Outcome
  hasRule: boolean
  dialer: ConvergingDialer
  node: NodeOptions<any>
  tryFor: number
}

export class ConvergingEnd {
  readonly node: Libp2p
  readonly hasRule: boolean
  readonly dialer: ConvergingDialer
  /** Whether the round is over: from now on the test closes the connections */
  isDone = false
  readonly #outcome: Outcome
  readonly #tryFor: number
  #received: (connection: Connection) => void = () => {}

  constructor (node: Libp2p, { outcome, hasRule, dialer, tryFor }: ConvergingEndInit) {
    this.node = node
    this.hasRule = hasRule
    this.dialer = dialer
    this.#outcome = outcome
    this.#tryFor = tryFor
  }

  static async create (init: ConvergingEndInit): Promise<ConvergingEnd> {
    const { hasRule, dialer: own, node: { services, ...options } } = init
    const node = await createNode({ connectionManager, ...options, services: { identify: identify(), ...services, ...(hasRule ? { dialer: dialer(own.pipeline, own.init) } : {}) } })
    const end = new ConvergingEnd(node, init)

    await node.handle(PROTOCOL, (stream, connection) => {
      end.#received(connection)
      echo(stream)
    }, ON_ANY)

    node.addEventListener('connection:open', ({ detail }) => { end.#watch(detail) })

    return end
  }

  to ({ node }: ConvergingEnd): Connection[] {
    return this.node.getConnections(node.peerId).filter(({ status }) => status === 'open')
  }

  /** Dials both addresses, with one dial for each where possible */
  async dial ({ node }: ConvergingEnd): Promise<void> {
    const [one, two] = node.getMultiaddrs() as [Multiaddr, Multiaddr]
    const first = this.#connect(one, ON_ANY)

    if (!this.hasRule) {
      await first
    }

    await Promise.all([first, this.#connect(two, this.hasRule ? { pipeline: other } : {})])
  }

  async #connect (address: Multiaddr, options: object): Promise<Connection> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.node.dial(address, { ...options, force: true, signal: AbortSignal.timeout(this.#tryFor) })
      } catch (err) {
        if (tries === TRIES) {
          throw err
        }

        this.#outcome.repeated++
      }
    }
  }

  /** Opens one stream after another until the signal aborts, on the connection that the node chooses, or on an arbitrary one */
  async talk (other: ConvergingEnd, signal: AbortSignal): Promise<void> {
    const { pause, straysFor } = this.dialer
    const end = performance.now() + straysFor

    for (let n = 0; !signal.aborted; n++) {
      const connections = this.to(other)
      const any = n % 2 === 0 || performance.now() > end ? undefined : connections[Math.floor(Math.random() * connections.length)]

      try {
        const stream = await (any?.newStream(PROTOCOL, ON_ANY) ?? this.node.dialProtocol(other.node.peerId, PROTOCOL, ON_ANY))
        const ended = over(stream)
        stream.send(new Uint8Array(1_000))
        await stream.close()
        await ended
        this.#outcome.streams++
      } catch {
        this.#outcome.crossed++
      }

      await sleep(pause)
    }
  }

  /** Returns the connection of the other end that belongs to the connection of this end */
  async reaches (other: ConvergingEnd): Promise<Connection> {
    const received = new Promise<Connection>(resolve => { other.#received = resolve })
    const stream = await this.to(other)[0]?.newStream(PROTOCOL, ON_ANY)
    stream?.abort(new Error('That is all'))

    return received
  }

  #watch (connection: Connection): void {
    this.#outcome.connections += connection.direction === 'outbound' ? 1 : 0
    const close = connection.close.bind(connection)

    connection.close = async options => {
      if (connection.status === 'open' && !this.isDone) {
        this.#outcome.cut += connection.streams.filter(({ protocol }) => !BACKGROUND.includes(protocol)).length
      }

      return close(options)
    }
  }
}

function echo (stream: Stream): void {
  stream.addEventListener('message', ({ data }) => { stream.send(data) })
  stream.addEventListener('remoteCloseWrite', () => { stream.close().catch(err => { stream.abort(err) }) })
}

/** Resolves when the stream has ended. @throws the error of a reset */
async function over (stream: Stream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.addEventListener('close', ({ error }) => {
      if (error == null) {
        resolve()
      } else {
        reject(error)
      }
    }, { once: true })
  })
}
