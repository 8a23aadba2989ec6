import { InvalidParametersError } from '@libp2p/interface'
import { catchRejection } from '../pipeline/foreign-promises.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { toError } from '../pipeline/errors.ts'
import { connectionPreference } from './preference.ts'
import { BACKGROUND } from './drain.ts'
import { PeerConnections } from './peer.ts'
import type { PeerHost } from './peer.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { BetterConnection, ConvergenceWish, DialConvergence } from '../pipeline/convergence.ts'
import type { DialComponents } from '../pipeline/types.ts'
import type { Connection, Logger, PeerId } from '@libp2p/interface'

/** Milliseconds without an application stream */
const IDLE = 30_000

/**
 * Milliseconds that both ends are given to see a connection before another is closed for it. The end with the higher peer id takes
 * twice as long: where the two do not see alike after all, one of them finds that the other has closed one
 */
const SETTLE = 1_000

/** Tags that libp2p's relay transport and relay server set: a reservation is bound to one of the connections, and neither says which */
const RESERVATION_TAGS = ['keep-alive-circuit-relay', 'circuit-relay-source']

export interface ConvergenceInit {
  readonly clock: Clock
  /** In good order, and in any case within a second or so */
  readonly close: (connection: Connection) => Promise<void>
  /** New streams to a peer take another connection, while the one before is open */
  readonly onPreferred: (better: BetterConnection) => void
}

/** The connections of a node: which one new streams take, and which are closed. Does nothing until somebody wants it */
export class Convergence implements DialConvergence {
  readonly #components: Pick<DialComponents, 'peerId' | 'peerStore' | 'connectionManager' | 'events'>
  readonly #init: ConvergenceInit
  readonly #log: Logger
  readonly #peers = new Map<string, PeerConnections>()
  #host?: PeerHost
  #isStarted = false

  constructor (components: Pick<DialComponents, 'peerId' | 'peerStore' | 'connectionManager' | 'events' | 'logger'>, init: ConvergenceInit) {
    const { peerId, peerStore, connectionManager, events, logger } = components
    this.#components = { peerId, peerStore, connectionManager, events }
    this.#init = init
    this.#log = logger.forComponent('libp2p:dial-pipeline:converge')
  }

  /** From now on they converge, and in this way; the latest wish counts */
  want (wish: ConvergenceWish): void {
    this.#forget()
    this.#host = this.#hostOf(wish)
    this.#follow()
  }

  /** The node starts; may be called again */
  start (): void {
    this.#isStarted = true
    this.#follow()
  }

  /** Nothing is closed from now on */
  stop (): void {
    this.#isStarted = false
    this.#forget()
  }

  /** The connection to a peer that new streams take; undefined where none is open, or nobody wants convergence */
  preferred (peerId: PeerId): Connection | undefined {
    return this.#peers.get(peerId.toString())?.preferred
  }

  /**
   * A dial has yielded a connection
   *
   * @param place - how many it had yielded before
   */
  dialled (connection: Connection, dial: string, place: number): void {
    this.#of(connection)?.dialled(connection, dial, place)
  }

  #follow (): void {
    const { connectionManager, events } = this.#components

    if (this.#host == null || !this.#isStarted) {
      return
    }

    // more than once is once
    events.addEventListener('connection:open', this.#onOpen)
    events.addEventListener('connection:close', this.#onClose)
    connectionManager.getConnections().forEach(connection => { this.#of(connection)?.opened(connection, true) })
  }

  #forget (): void {
    const { events } = this.#components
    events.removeEventListener('connection:open', this.#onOpen)
    events.removeEventListener('connection:close', this.#onClose)
    this.#peers.forEach(peer => { peer.stop() })
    this.#peers.clear()
  }

  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => {
    this.#of(detail)?.opened(detail)
  }

  readonly #onClose = ({ detail }: CustomEvent<Connection>): void => {
    const key = detail.remotePeer.toString()
    const peer = this.#peers.get(key)
    peer?.closed(detail)

    if (peer?.size === 0) {
      peer.stop()
      this.#peers.delete(key)
    }
  }

  /** Undefined while it is not wanted, or the node does not run, and for what is closed: nobody would tell that it is */
  #of ({ status, remotePeer }: Connection): PeerConnections | undefined {
    if (this.#host == null || !this.#isStarted || status !== 'open') {
      return
    }

    const key = remotePeer.toString()
    const peer = this.#peers.get(key) ?? new PeerConnections(this.#host, this.#host.self < key ? SETTLE : 2 * SETTLE)
    this.#peers.set(key, peer)

    return peer
  }

  #hostOf ({ prefer = connectionPreference(), idle = IDLE, deadline, background = BACKGROUND, onBetter }: ConvergenceWish): PeerHost {
    const { clock, close, onPreferred } = this.#init

    return {
      self: this.#components.peerId.toString(),
      clock,
      idle,
      deadline,
      background,
      close,
      prefer: (a, b) => this.#safely(() => numberOf(prefer(a, b))) ?? 0,
      onBetter: better => {
        onPreferred(better)
        this.#safely(() => { catchRejection(onBetter?.(better), this.#onFailure) })
      },
      onError: (message, ...args) => { this.#log.error(message, ...args) },
      mayClose: async ({ remotePeer }) => !await this.#isReservation(remotePeer)
    }
  }

  async #isReservation (peerId: PeerId): Promise<boolean> {
    try {
      const { tags } = await this.#components.peerStore.get(peerId)

      return RESERVATION_TAGS.some(tag => tags.has(tag))
    } catch {
      // nothing is known of the peer
      return false
    }
  }

  #safely<T> (fn: () => T): T | undefined {
    try {
      return fn()
    } catch (err) {
      this.#onFailure(err)
    }
  }

  readonly #onFailure = (err: unknown): void => {
    this.#log.error('a function that was given to converge() failed - %e', toError(err))
  }
}

function numberOf (answer: number): number {
  if (typeof answer !== 'number' || Number.isNaN(answer)) {
    throw new InvalidParametersError(`prefer() answered ${describeValue(answer)}: it answers a number`)
  }

  return answer
}
