import { AbortError, InvalidParametersError } from '@libp2p/interface'
import PQueue from 'p-queue'
import { verifyConnection } from '../pipeline/connection-check.ts'
import { toError } from '../pipeline/errors.ts'
import { safeLog } from '../pipeline/safe-log.ts'
import type { CheckConnection, VerificationInit } from '../pipeline/connection-check.ts'
import type { DialComponents } from '../pipeline/types.ts'
import type { Connection, Logger } from '@libp2p/interface'

export interface InboundVerifierInit {
  readonly check: CheckConnection
  /** Called when the check has accepted a connection */
  readonly onVerified: (connection: Connection) => void
  /** Closes a refused connection. Never rejects */
  readonly close: (connection: Connection) => Promise<void>
  /** Called before a refused connection is closed */
  readonly onRefused: (connection: Connection, error: Error) => void
}

/** Maximum number of checks in flight in a node. A libp2p node accepts 5 connections a second from one host: 30 in the 6 s of a check */
const MAX_CHECKS = 64

/** Maximum number of checks in flight for one peer, so that one peer does not delay the checks of others */
const MAX_CHECKS_PER_PEER = 4

/** Limits the checks of connections in flight, for the node and for each peer. The other checks wait in FIFO order */
class CheckLimiter {
  readonly #node = new PQueue({ concurrency: MAX_CHECKS })
  readonly #peers = new Map<string, PQueue>()

  /**
   * Runs a task when its turn comes
   *
   * @throws the error of the task; the signal's reason when the signal aborts first
   */
  async run<T> (peer: string, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const ofPeer = this.#peers.get(peer) ?? new PQueue({ concurrency: MAX_CHECKS_PER_PEER })
    this.#peers.set(peer, ofPeer)

    try {
      return await ofPeer.add(async () => this.#node.add(task, { signal }), { signal })
    } finally {
      if (ofPeer.size + ofPeer.pending === 0) {
        this.#peers.delete(peer)
      }
    }
  }
}

/** Checks the inbound connections of a node, and closes the connections that the check refuses */
export class InboundVerifier {
  readonly #components: DialComponents
  readonly #init: InboundVerifierInit
  readonly #verification: VerificationInit
  readonly #log: Logger
  readonly #verified = new WeakSet<Connection>()
  /** Undefined while the node is stopped */
  #life?: AbortController

  constructor (components: DialComponents, init: InboundVerifierInit) {
    const { clock, logger, settings: { addressDialTimeout } } = components
    const limiter = new CheckLimiter()
    this.#components = components
    this.#init = init
    this.#log = safeLog(logger, 'libp2p:dial-pipeline:verify-inbound')
    this.#verification = {
      name: 'verifyInbound',
      // the timeout includes the wait for a turn, so that no connection stays open unverified for longer
      timeout: addressDialTimeout,
      clock,
      check: async (connection, options) => limiter.run(connection.remotePeer.toString(), async () => {
        // checks after the other listeners of the open event: the check may dial the peer, which needs a connection that the manager has counted
        await Promise.resolve()

        return init.check(connection, options, components)
      }, options.signal),
      invalid: what => new InvalidParametersError(`verifyInbound ${what}`)
    }
  }

  /** Starts checking new connections, and checks those that are already open. A second call has no effect */
  start (): void {
    if (this.#life == null) {
      this.#life = new AbortController()
      this.#components.events.addEventListener('connection:open', this.#onOpen)
      this.#components.connectionManager.getConnections().forEach(connection => { this.#verify(connection) })
    }
  }

  /** Aborts the running checks. Connections stay open: the node closes them when it stops */
  stop (): void {
    this.#components.events.removeEventListener('connection:open', this.#onOpen)
    this.#life?.abort(new AbortError('The dialer was stopped'))
    this.#life = undefined
  }

  /** Returns whether the check has accepted an inbound connection */
  hasVerified (connection: Connection): boolean {
    return this.#verified.has(connection)
  }

  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => {
    this.#verify(detail)
  }

  #verify (connection: Connection): void {
    const signal = this.#life?.signal

    if (signal != null && connection.direction === 'inbound' && connection.status === 'open') {
      verifyConnection(connection, signal, this.#verification).then(() => {
        this.#verified.add(connection)
        this.#init.onVerified(connection)
      }, (err: unknown) => {
        if (!signal.aborted) {
          this.#refuse(connection, toError(err))
        }
      })
    }
  }

  #refuse (connection: Connection, error: Error): void {
    if (connection.status === 'open') {
      this.#log.error('closing a connection of %p - %e', connection.remotePeer, error)
      this.#init.onRefused(connection, error)
    } else {
      this.#log('a connection of %p was closed before it was verified', connection.remotePeer)
    }

    void this.#init.close(connection)
  }
}
