import { callGuarded } from '../pipeline/foreign-promises.ts'
import { BY_REACH } from '../pipeline/convergence.ts'
import { toError } from '../pipeline/errors.ts'
import { safeLog } from '../pipeline/safe-log.ts'
import { ordinalIn, preferenceOf } from './preference.ts'
import { BACKGROUND } from './connection-drain.ts'
import { PeerConnections } from './peer.ts'
import { transportOf } from './transport.ts'
import type { PeerHost } from './peer.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { ConnectionChange, DialConvergence } from '../pipeline/convergence.ts'
import type { ConvergenceInit } from '../pipeline/convergence-init.ts'
import type { Candidate, DialComponents } from '../pipeline/types.ts'
import type { Connection, Logger, PeerId } from '@libp2p/interface'

/** Milliseconds without an application stream */
const IDLE = 30_000

/**
 * Milliseconds that both ends are given to see a connection before another is closed for it. The end with the higher peer id takes
 * twice as long: where the two do not see alike after all, one of them finds that the other has closed one
 */
const SETTLE = 1_000

/** Milliseconds until a connection that this node dialled takes part, if no dial has yielded it: one that lost a race is closed by then */
const JOINS_AFTER = 1_000

/** Tags that libp2p's relay transport and relay server set: a reservation is bound to one of the connections, and neither says which */
const RESERVATION_TAGS = ['keep-alive-circuit-relay', 'circuit-relay-source']

export interface ConvergenceHost {
  readonly clock: Clock
  /** Whether a dial or a check has yet to decide on a connection. It takes no part until then: it may be closed */
  readonly isUndecided: (connection: Connection) => boolean
  /** In good order, and in any case within a second or so */
  readonly close: (connection: Connection) => Promise<void>
  /** New streams to a peer take another connection, while the one before is open */
  readonly onPreferred: (change: ConnectionChange) => void
}

/** The connections of a node: which one new streams take, and which are closed. Does nothing while it is off */
export class Convergence implements DialConvergence {
  readonly #components: Pick<DialComponents, 'peerId' | 'peerStore' | 'connectionManager' | 'events'>
  readonly #host: PeerHost
  readonly #log: Logger
  readonly #order: readonly string[]
  readonly #isRefused: boolean
  /** Of peers with several connections: most have one, and there is nothing to choose */
  readonly #peers = new Map<string, PeerConnections>()
  /** On the clock: when each takes part */
  readonly #joinsAt = new WeakMap<Connection, number>()
  #isOn = false
  #isStarted = false

  /** @param init false: it is never on, and no dial goes on for a better connection */
  constructor (components: Pick<DialComponents, 'peerId' | 'peerStore' | 'connectionManager' | 'events' | 'logger'>, host: ConvergenceHost, init: ConvergenceInit | false = {}) {
    const { peerId, peerStore, connectionManager, events, logger } = components
    this.#components = { peerId, peerStore, connectionManager, events }
    this.#log = safeLog(logger, 'libp2p:dial-pipeline:converge')
    this.#isRefused = init === false
    this.#order = init === false ? [] : init.order ?? []
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
    if (!this.#isActive) {
      return
    }

    return this.#peers.get(peerId.toString())?.preferred ?? this.#components.connectionManager.getConnections(peerId).find(({ status }) => status === 'open')
  }

  /** Whether a connection is to be closed for another to the same peer, when it carries nothing */
  isRedundant (connection: Connection): boolean {
    return this.#peers.get(connection.remotePeer.toString())?.isRedundant(connection) === true
  }

  /** A dial has yielded a connection, or a check has let it in */
  accepted (connection: Connection): void {
    if (this.#isActive && connection.status === 'open') {
      this.#joinsAt.set(connection, this.#host.clock.now())
      this.#peers.get(connection.remotePeer.toString())?.accepted(connection)
    }
  }

  /** Whether new streams to the peer of a connection take another one */
  isReplaced (connection: Connection): boolean {
    return (this.preferred(connection.remotePeer) ?? connection) !== connection
  }

  /** Closes a connection when it carries nothing, also an inbound one, unless it is the one that stays. Returns whether that will be done */
  release (connection: Connection): boolean {
    this.#peers.get(connection.remotePeer.toString())?.release(connection)

    return this.#isActive
  }

  isBetter (candidate: Candidate, connection: Connection): boolean {
    return BY_REACH.isBetter(candidate, connection) || (BY_REACH.isBest(connection) && !candidate.facts.isRelayed &&
      ordinalIn(this.#order, transportOf(candidate.multiaddr)) < ordinalIn(this.#order, transportOf(connection.remoteAddr)))
  }

  isBest (connection: Connection): boolean {
    return this.#isRefused || (BY_REACH.isBest(connection) && (this.#order.length === 0 || ordinalIn(this.#order, transportOf(connection.remoteAddr)) === 0)) || this.isFull
  }

  /** One more connection, and libp2p would close one to another peer */
  get isFull (): boolean {
    const { connectionManager } = this.#components

    return connectionManager.getConnections().length >= connectionManager.getMaxConnections()
  }

  #follow (): void {
    const { connectionManager, events } = this.#components

    if (this.#isActive) {
      // more than once is once
      events.addEventListener('connection:open', this.#onOpen)
      events.addEventListener('connection:close', this.#onClose)
      connectionManager.getConnections().forEach(connection => { this.#opened(connection, false) })
    } else {
      events.removeEventListener('connection:open', this.#onOpen)
      events.removeEventListener('connection:close', this.#onClose)
      this.#peers.forEach(peer => { peer.stop() })
      this.#peers.clear()
    }
  }

  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => {
    this.#opened(detail)

    if (this.#peers.size > 0) {
      // the connection manager counts it when all have heard of it
      queueMicrotask(() => { this.#makeRoom() })
    }
  }

  #makeRoom (): void {
    if (this.isFull) {
      this.#peers.forEach(peer => { peer.makeRoom() })
    }
  }

  readonly #onClose = ({ detail }: CustomEvent<Connection>): void => {
    const key = detail.remotePeer.toString()
    const peer = this.#peers.get(key)
    peer?.closed(detail)

    // a callback may have turned convergence off, and on again
    if (peer != null && peer.size < 2 && this.#peers.get(key) === peer) {
      peer.stop()
      this.#peers.delete(key)
    }
  }

  get #isActive (): boolean {
    return this.#isOn && this.#isStarted
  }

  /**
   * A peer that has several connections is followed from now on. What is closed is not: nobody would tell that it is
   *
   * @param isNew false: it was open before, and that it is preferred is no change
   */
  #opened (connection: Connection, isNew = true): void {
    const { remotePeer, status, direction } = connection

    if (status !== 'open') {
      return
    }

    const now = this.#host.clock.now()
    this.#joinsAt.set(connection, this.#joinsAt.get(connection) ?? (isNew && (direction === 'outbound' || this.#host.isUndecided(connection)) ? now + JOINS_AFTER : now))
    const key = remotePeer.toString()
    // whoever hears of it first does not find it there
    const others = this.#components.connectionManager.getConnections(remotePeer).filter(one => one !== connection)
    const followed = this.#peers.get(key)

    if (followed != null || others.length > 0) {
      const peer = followed ?? new PeerConnections(this.#host, this.#host.self < key ? SETTLE : 2 * SETTLE)
      this.#peers.set(key, peer)

      for (const some of isNew ? [others, [connection]] : [[...others, connection]]) {
        peer.opened(some, one => (this.#joinsAt.get(one) ?? now) - now)
      }
    }
  }

  #hostOf ({ clock, isUndecided, close, onPreferred }: ConvergenceHost, { idle = IDLE, deadline, background = BACKGROUND, onPreferredChange }: ConvergenceInit): PeerHost {
    return {
      self: this.#components.peerId.toString(),
      clock,
      isUndecided,
      idle: () => this.isFull ? 0 : idle,
      deadline,
      background,
      close,
      prefer: preferenceOf(this.#order),
      onPreferredChange: change => {
        onPreferred(change)
        callGuarded(() => onPreferredChange?.(change), err => { this.#log.error('onPreferredChange() failed - %e', toError(err)) })
      },
      onError: ({ remotePeer }, error) => { this.#log.error('could not close a connection to %p - %e', remotePeer, error) },
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
}
