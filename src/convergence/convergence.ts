import { catchRejection } from '../pipeline/foreign-promises.ts'
import { BY_REACH } from '../pipeline/convergence.ts'
import { toError } from '../pipeline/errors.ts'
import { placeIn, preferenceOf } from './preference.ts'
import { BACKGROUND } from './drain.ts'
import { PeerConnections } from './peer.ts'
import { transportOf } from './transport.ts'
import type { ConvergenceInit } from './init.ts'
import type { PeerHost } from './peer.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { ConnectionChange, DialConvergence } from '../pipeline/convergence.ts'
import type { Candidate, DialComponents } from '../pipeline/types.ts'
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

export interface ConvergenceHost {
  readonly clock: Clock
  /** In good order, and in any case within a second or so */
  readonly close: (connection: Connection) => Promise<void>
  /** New streams to a peer take another connection, while the one before is open */
  readonly onPreferred: (change: ConnectionChange) => void
  /** The node has as many connections as it may: no dial is to go on for a better one */
  readonly onFull: () => void
}

/** The connections of a node: which one new streams take, and which are closed. Does nothing while it is off */
export class Convergence implements DialConvergence {
  readonly #components: Pick<DialComponents, 'peerId' | 'peerStore' | 'connectionManager' | 'events'>
  readonly #host: PeerHost
  readonly #log: Logger
  readonly #order: readonly string[]
  readonly #isRefused: boolean
  readonly #onFull: () => void
  readonly #peers = new Map<string, PeerConnections>()
  #isOn = false
  #isStarted = false

  /** @param init false: it is never on, and no dial goes on for a better connection */
  constructor (components: Pick<DialComponents, 'peerId' | 'peerStore' | 'connectionManager' | 'events' | 'logger'>, host: ConvergenceHost, init: ConvergenceInit | false = {}) {
    const { peerId, peerStore, connectionManager, events, logger } = components
    this.#components = { peerId, peerStore, connectionManager, events }
    this.#log = logger.forComponent('libp2p:dial-pipeline:converge')
    this.#isRefused = init === false
    this.#order = init === false ? [] : init.order ?? []
    this.#onFull = host.onFull
    this.#host = this.#hostOf(host, init === false ? {} : init)
  }

  /** The pipeline of the node converges, or does not any more: nothing is closed from then on */
  set isOn (isOn: boolean) {
    this.#isOn = isOn && !this.#isRefused
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
    this.#follow()
  }

  /** The connection to a peer that new streams take. Undefined: none is open, or the connections of the node do not converge */
  preferred (peerId: PeerId): Connection | undefined {
    return this.#peers.get(peerId.toString())?.preferred
  }

  /** A dial has yielded a connection */
  dialled (connection: Connection): void {
    this.#of(connection)?.dialled(connection)
  }

  isBetter (candidate: Candidate, connection: Connection): boolean {
    return BY_REACH.isBetter(candidate, connection) || (BY_REACH.isBest(connection) && !candidate.facts.isRelayed &&
      placeIn(this.#order, transportOf(candidate.multiaddr)) < placeIn(this.#order, transportOf(connection.remoteAddr)))
  }

  isBest (connection: Connection): boolean {
    return this.#isRefused || this.#isFull || (BY_REACH.isBest(connection) && (this.#order.length === 0 || placeIn(this.#order, transportOf(connection.remoteAddr)) === 0))
  }

  /** One more connection, and libp2p would close one to another peer */
  get #isFull (): boolean {
    const { connectionManager } = this.#components

    return connectionManager.getConnections().length >= connectionManager.getMaxConnections()
  }

  #follow (): void {
    const { connectionManager, events } = this.#components

    if (this.#isOn && this.#isStarted) {
      // more than once is once
      events.addEventListener('connection:open', this.#onOpen)
      events.addEventListener('connection:close', this.#onClose)
      connectionManager.getConnections().forEach(connection => { this.#of(connection)?.opened(connection, true) })
    } else {
      events.removeEventListener('connection:open', this.#onOpen)
      events.removeEventListener('connection:close', this.#onClose)
      this.#peers.forEach(peer => { peer.stop() })
      this.#peers.clear()
    }
  }

  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => {
    this.#of(detail)?.opened(detail)

    if (this.#isFull) {
      this.#peers.forEach(peer => { peer.makeRoom() })
      this.#onFull()
    }
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

  /** Undefined while it is off, or the node does not run, and for what is closed: nobody would tell that it is */
  #of ({ status, remotePeer }: Connection): PeerConnections | undefined {
    if (!this.#isOn || !this.#isStarted || status !== 'open') {
      return
    }

    const key = remotePeer.toString()
    const peer = this.#peers.get(key) ?? new PeerConnections(this.#host, this.#host.self < key ? SETTLE : 2 * SETTLE)
    this.#peers.set(key, peer)

    return peer
  }

  #hostOf ({ clock, close, onPreferred }: ConvergenceHost, { idle = IDLE, deadline, background = BACKGROUND, onPreferredChange }: ConvergenceInit): PeerHost {
    return {
      self: this.#components.peerId.toString(),
      clock,
      idle: () => this.#isFull ? 0 : idle,
      deadline,
      background,
      close,
      prefer: preferenceOf(this.#order),
      onPreferredChange: change => {
        onPreferred(change)
        this.#tell(onPreferredChange, change)
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

  #tell (onPreferredChange: ConvergenceInit['onPreferredChange'], change: ConnectionChange): void {
    try {
      catchRejection(onPreferredChange?.(change), this.#onFailure)
    } catch (err) {
      this.#onFailure(err)
    }
  }

  readonly #onFailure = (err: unknown): void => {
    this.#log.error('onPreferredChange() failed - %e', toError(err))
  }
}
