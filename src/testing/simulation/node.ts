import { NotFoundError } from '@libp2p/interface'
import { DialEngine } from '../../dialer/dial-engine.ts'
import { History } from '../../history/history.ts'
import { checkArguments, checkOptions, checkValue } from '../../pipeline/check-options.ts'
import { InvalidPipelineError } from '../../pipeline/errors.ts'
import { NUMBER, OBJECT } from '../../pipeline/option-kinds.ts'
import { checkConnects } from '../../dialer/dials/pipelines.ts'
import { scriptedComponents } from '../scripted-components.ts'
import { ScriptedNetwork } from '../scripted-network.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { simulatedResolver } from './names.ts'
import { drawPeerId } from './network.ts'
import { SIMULATED_PEER } from './peer-kind.ts'
import { seeded, seedOf } from './random.ts'
import type { DialObserver } from '../../metrics/observer.ts'
import type { NodeSettings } from '../../dialer/dials/dial-node.ts'
import type { HistoryInit } from '../../history/belief.ts'
import type { DialPipeline, DialPipelineOptions } from '../../pipeline/types.ts'
import type { ScriptedDialOptions } from '../scripted-network.ts'
import type { DialTrace } from '../../trace/types.ts'
import type { SimulatedName, SimulatedPeer } from './network.ts'
import type { Connection, PeerData, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Options of a simulated node */
export interface SimulatedNodeInit extends HistoryInit {
  /**
   * The seed of the random choices of stages
   *
   * @default 1
   */
  readonly seed?: number | undefined
}

/** The result of one dial of a simulated node */
export interface SimulatedDial {
  /** The dialled peer */
  readonly peer: SimulatedPeer
  /** Whether the dial connected */
  readonly connected: boolean
  /** The address of the first connection. Undefined: the dial failed */
  readonly winner?: string
  /** Milliseconds from the start of the dial to the first connection, or to the error */
  readonly time: number
  /** Milliseconds from the start of the dial to the first direct connection, which may replace a relayed one. Undefined: there is none */
  readonly directTime?: number
  /** The dialled addresses, with milliseconds after the start of the dial */
  readonly attempts: ReadonlyArray<{ readonly multiaddr: string, readonly at: number }>
  /** The trace of the dial. The property is computed when it is read, and is not enumerable */
  readonly trace: DialTrace
}

/** A node that dials simulated peers one after another, and learns from each dial */
export interface SimulatedNode {
  /** The clock of the node. Advance it to let time pass between dials */
  readonly clock: VirtualClock
  /** The history that the node has learnt so far */
  readonly history: History
  /**
   * Dials a peer by its id, waits for the end of the dial, and closes its connections
   *
   * @returns the result of the dial. A peer that cannot be reached has a result with `connected: false`
   * @throws the error of wrong dial options; InvalidPipelineError if `peer` is not a simulated peer, and while another dial runs
   */
  dial (peer: SimulatedPeer, options?: DialPipelineOptions): Promise<SimulatedDial>
}

/** The defaults of libp2p */
const SETTINGS: NodeSettings = { resolvers: {}, addressDialTimeout: 6_000, maxPeerAddrsToDial: 25, dialTimeout: 10_000, maxParallelDials: 100, maxDialQueueLength: 500 }

const OPTIONS = { belief: OBJECT, seed: NUMBER }

/**
 * Creates a node that dials in virtual time, with the engine of a real node
 *
 * ```ts
 * const node = simulatedNode(adaptive())
 * const { time, attempts } = await node.dial(network.peer(0))
 * ```
 *
 * @param pipeline the pipeline of every dial
 * @param init the seed, and the history's belief about addresses that it has not seen
 * @throws InvalidPipelineError for a pipeline that cannot dial, and for an unknown or wrong option
 */
export function simulatedNode (pipeline: DialPipeline, init: SimulatedNodeInit = {}): SimulatedNode {
  checkArguments('simulatedNode()', arguments, 2)
  checkConnects(pipeline, 'simulatedNode(adaptive())')
  checkOptions('simulatedNode()', init, OPTIONS)

  return new Node(pipeline, init)
}

class Node implements SimulatedNode {
  readonly clock = new VirtualClock()
  readonly history: History
  readonly #engine: DialEngine
  readonly #peers = new Map<string, { addresses: Array<{ multiaddr: Multiaddr, isCertified: boolean }>, metadata: Map<string, Uint8Array> }>()
  readonly #open = new Set<Connection>()
  #network = new ScriptedNetwork(this.clock)
  /** The time at which the current dial first had a direct connection */
  #directAt = Infinity
  #isDialling = false
  #observer: DialObserver = {}
  /** The names of the dialled peer */
  #names: readonly SimulatedName[] = []

  constructor (pipeline: DialPipeline, { belief, seed = 1 }: SimulatedNodeInit) {
    const { clock } = this
    const random = seeded(seedOf(seed))
    const settings = { ...SETTINGS, resolvers: { dnsaddr: simulatedResolver(clock, () => this.#names) } }
    this.history = new History(clock, { belief })

    const components = scriptedComponents({
      clock,
      network: this.#network,
      peerId: drawPeerId(random),
      history: this.history,
      settings,
      random,
      ...this.#ownComponents() as object
    })
    this.#engine = new DialEngine(components, settings, pipeline, { traces: 1, observer: () => this.#observer })
  }

  async dial (peer: SimulatedPeer, options: DialPipelineOptions = {}): Promise<SimulatedDial> {
    checkArguments('dial()', arguments, 2)
    checkValue('dial()', peer, SIMULATED_PEER)
    const { clock } = this

    if (this.#isDialling) {
      throw new InvalidPipelineError('dial() of a simulated node needs the dial before to have ended: await it')
    }

    this.#isDialling = true

    try {
      return await this.#dial(peer, options, clock.now())
    } finally {
      this.#isDialling = false
    }
  }

  async #dial (peer: SimulatedPeer, options: DialPipelineOptions, begun: number): Promise<SimulatedDial> {
    const { clock } = this
    const id = peer.id.toString()
    const metadata = this.#peers.get(id)?.metadata ?? new Map<string, Uint8Array>()
    const names = peer.names ?? []
    const scripted = [...peer.addresses, ...names.flatMap(({ addresses }) => addresses)]
    const network = new ScriptedNetwork(clock, Object.fromEntries(scripted.map(({ multiaddr, script }) => [multiaddr.toString(), script])))
    this.#peers.set(id, { addresses: [...peer.addresses, ...names].map(({ multiaddr }) => ({ multiaddr, isCertified: false })), metadata })
    this.#network = network
    this.#names = names
    this.#directAt = Infinity

    let isOver = false
    const end = new Promise<void>(resolve => {
      this.#observer = {
        dialEnded: () => {
          isOver = true
          resolve()
        }
      }
    })
    const connection = await clock.until(this.#engine.dial(peer.id, options).catch((err: unknown) => {
      // rethrown if the dial was refused: it never begins, and `end` would stay pending
      if (this.#engine.dials.running.size === 0 && !isOver) {
        throw err
      }
    }))
    const time = clock.now() - begun
    await clock.until(end)
    const [traced] = this.#engine.dials.recent
    const directAt = Math.min(this.#directAt, connection?.direct === false ? begun + time + (peer.upgradesAfter ?? Infinity) : Infinity)
    await Promise.all([...this.#open].map(async connection => connection.close()))

    const ended: Omit<SimulatedDial, 'trace'> = {
      peer,
      connected: connection != null,
      winner: connection?.remoteAddr.toString(),
      time,
      directTime: directAt === Infinity ? undefined : directAt - begun,
      attempts: network.attempts.map(({ multiaddr, at }) => ({ multiaddr, at: at - begun }))
    }

    // computing a trace is expensive: printing or comparing many dials must not read it
    return Object.defineProperty(ended, 'trace', { get: () => traced?.trace }) as SimulatedDial
  }

  #ownComponents () {
    return {
      connectionManager: {
        getConnections: (peer?: PeerId) => [...this.#open].filter(({ remotePeer }) => peer == null || peer.equals(remotePeer.toString()))
      },
      peerStore: {
        get: async (id: PeerId) => {
          const stored = this.#peers.get(id.toString())

          if (stored == null) {
            throw new NotFoundError(`nothing is known of ${id.toString()}`)
          }

          return { id, ...stored }
        },
        merge: async (id: PeerId, { metadata = {} }: PeerData) => {
          Object.entries(metadata).forEach(([key, value]) => { this.#peers.get(id.toString())?.metadata.set(key, value as Uint8Array) })
        }
      },
      transportManager: {
        getAddrs: () => [],
        dialTransportForMultiaddr: () => ({ [Symbol.toStringTag]: 'simulated' }),
        dial: async (multiaddr: Multiaddr, options: ScriptedDialOptions) => {
          const connection = await this.#network.dial(multiaddr, options)
          this.#open.add(connection)
          this.#directAt = connection.direct ? Math.min(this.#directAt, this.clock.now()) : this.#directAt
          connection.addEventListener('close', () => { this.#open.delete(connection) }, { once: true })
          // the dialer of a real node, too, reports each connection to its history and its engine
          this.history.connected(connection.remotePeer, connection)
          this.#engine.onOpened(connection)

          return connection
        }
      }
    }
  }
}
