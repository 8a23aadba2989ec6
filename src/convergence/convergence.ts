import { callGuarded } from '../pipeline/foreign-promises.ts'
import { BY_REACH } from '../pipeline/convergence.ts'
import { toError } from '../pipeline/errors.ts'
import { safeLog } from '../pipeline/safe-log.ts'
import { ordinalIn, preferenceOf } from './preference.ts'
import { BACKGROUND } from './connection-drain.ts'
import { PeerConnections } from './peer.ts'
import { transportOf } from './transport.ts'
import type { PeerHost } from './peer-host.ts'
import type { ConnectionChange, DialConvergence } from '../pipeline/convergence.ts'
import type { ConvergenceInit } from '../pipeline/convergence-init.ts'
import type { Candidate, DialComponents } from '../pipeline/types.ts'
import type { Connection, Logger, PeerId } from '@libp2p/interface'

const IDLE = 30_000

/**
 * Milliseconds that both ends have to see a new connection before another is closed for it. The end with the higher peer id waits
 * twice as long: if the two ends choose differently, it sees that the other end has already closed one
 */
const SETTLE = 1_000

/** Milliseconds until an outbound connection that no dial has yielded takes part in convergence. A connection that lost a race is closed by then */
const JOINS_AFTER = 1_000

/** Tags of libp2p's relay transport and relay server. A reservation belongs to one connection, but neither tag tells which */
const RESERVATION_TAGS = ['keep-alive-circuit-relay', 'circuit-relay-source']

export interface ConvergenceHost extends Pick<PeerHost, 'clock' | 'isUndecided' | 'close'> {
  /** Called when new streams to a peer use another connection, while the previous one is open */
  readonly onPreferred: (change: ConnectionChange) => void
}

/** Decides which of a node's connections to a peer new streams use, and which are closed. Does nothing while `isOn` is false */
export class Convergence implements DialConvergence {
  readonly #components: Pick<DialComponents, 'peerId' | 'peerStore' | 'connectionManager' | 'events'>
  readonly #host: PeerHost
  readonly #log: Logger
  readonly #order: readonly string[]
  readonly #isRefused: boolean
  /** The peers with several connections. Most peers have one, and need no choice */
  readonly #peers = new Map<string, PeerConnections>()
  readonly #joinsAt = new WeakMap<Connection, number>()
  #isOn = false
  #isStarted = false

  /** @param init false: convergence is never on, and no dial lingers for a better connection */
  constructor (components: Pick<DialComponents, 'peerId' | 'peerStore' | 'connectionManager' | 'events' | 'logger'>, host: ConvergenceHost, init: ConvergenceInit | false = {}) {
    const { peerId, peerStore, connectionManager, events, logger } = components
    this.#components = { peerId, peerStore, connectionManager, events }
    this.#log = safeLog(logger, 'libp2p:dial-pipeline:converge')
    this.#isRefused = init === false
    this.#order = init === false ? [] : init.order ?? []
    this.#host = this.#hostOf(host, init === false ? {} : init)
  }

  /** Whether the node's pipeline converges. Nothing is closed while it does not */
  set isOn (isOn: boolean) {
    this.#isOn = isOn && !this.#isRefused
    this.#follow()
  }

  /** Called when the node starts, possibly more than once */
  start (): void {
    this.#isStarted = true
    this.#follow()
  }

  stop (): void {
    this.#isStarted = false
    this.#follow()
  }

  /** Returns the connection to a peer that new streams use. Undefined when none is open, or convergence is off */
  preferred (peerId: PeerId): Connection | undefined {
    if (!this.#isActive) {
      return
    }

    return this.#peers.get(peerId.toString())?.preferred ?? this.#components.connectionManager.getConnections(peerId).find(({ status }) => status === 'open')
  }

  /** Returns whether libp2p is to close a connection first when there are too many, because another to the same peer stays */
  isRedundant (connection: Connection): boolean {
    return this.#peers.get(connection.remotePeer.toString())?.isRedundant(connection) === true
  }

  /** Lets a connection take part in convergence: a dial has yielded it, or `verifyInbound` has accepted it */
  accepted (connection: Connection): void {
    if (this.#isActive && connection.status === 'open') {
      this.#joinsAt.set(connection, this.#host.clock.now())
      this.#peers.get(connection.remotePeer.toString())?.accepted(connection)
    }
  }

  /** Returns whether new streams to the peer of a connection use another one, which is direct and has no limits */
  isReplaced (connection: Connection): boolean {
    const preferred = this.preferred(connection.remotePeer)

    return preferred != null && preferred !== connection && BY_REACH.isBest(preferred)
  }

  /** Closes a connection when it is idle, even an inbound one, unless it is the one that stays. Returns false when convergence is off */
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

  /** Whether the node is at its connection limit: one more connection makes libp2p close one to another peer */
  get isFull (): boolean {
    const { connectionManager } = this.#components

    return connectionManager.getConnections().length >= connectionManager.getMaxConnections()
  }

  #follow (): void {
    const { connectionManager, events } = this.#components

    if (this.#isActive) {
      // adding the same listener twice has no effect
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
      // deferred until the connection manager has counted the connection
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

    // a callback may have turned convergence off and on again
    if (peer != null && peer.size < 2 && this.#peers.get(key) === peer) {
      peer.stop()
      this.#peers.delete(key)
    }
  }

  get #isActive (): boolean {
    return this.#isOn && this.#isStarted
  }

  /**
   * Tracks a connection, if its peer has several. Skips closed connections, because no event would remove them
   *
   * @param isNew false for a connection that was open before: a preference for it is not reported as a change
   */
  #opened (connection: Connection, isNew = true): void {
    const { remotePeer, status, direction } = connection

    if (status !== 'open') {
      return
    }

    const now = this.#host.clock.now()
    this.#joinsAt.set(connection, this.#joinsAt.get(connection) ?? (isNew && (direction === 'outbound' || this.#host.isUndecided(connection)) ? now + JOINS_AFTER : now))
    const key = remotePeer.toString()
    // without the connection itself: only the first listeners run before the manager has added it
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
    } catch (err) {
      // a peer store that fails proves nothing
      return toError(err).name !== 'NotFoundError'
    }
  }
}
