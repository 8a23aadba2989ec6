import { setMaxListeners } from 'main-event'
import { toError } from '../../pipeline/errors.ts'
import { checkConnection, checkOpen } from './check-connection.ts'
import { CONNECTED } from './connected.ts'
import { recordSuccess } from './last-dial.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

const WEBSOCKETS = '@libp2p/websockets'

/** Milliseconds that a transport may take to end its dial after the signal has aborted: its slot is given away then */
const GRACE = 10_000

/** Whoever has a transport dial. It hears of one of the three ends */
export interface TransportDialer {
  readonly components: DialComponents
  /** Returns what the transport is given. A fresh object: transports write into it */
  transportOptions (own: OwnTransportOptions): object
  /** Closes a connection that comes when nobody waits for it any more. Never rejects */
  close (connection: Connection): Promise<void>
  /** The connection is checked, and the address that answered is stored */
  onTransportConnected (connection: Connection): void
  onTransportFailed (error: Error): void
  /** The dial was ended: its transport has ended too, or goes on without it. May be called twice */
  onTransportEnded (): void
}

/** What the transport is given by the dialer */
export interface OwnTransportOptions {
  readonly signal: AbortSignal
  readonly [CONNECTED]: () => void
}

/** One dial of a transport, and how it is ended */
export class TransportDial {
  /** The tag of the transport; empty: there is none */
  readonly tag: string
  connectedAt?: number
  /** The transport is connected: an abort has something to end */
  isConnected = false
  readonly #candidate: Candidate
  readonly #dialer: TransportDialer
  /** Never aborted once the dial has won: transports keep the signal for the life of the connection */
  readonly #controller = new AbortController()
  #hasBegun = false
  #endedFor?: Error
  #connection?: Connection
  #cancelGrace?: () => void

  constructor (candidate: Candidate, dialer: TransportDialer) {
    this.#candidate = candidate
    this.#dialer = dialer
    this.tag = dialer.components.transportManager.dialTransportForMultiaddr(candidate.multiaddr)?.[Symbol.toStringTag] ?? ''
  }

  /** Why the dial was ended. Undefined: it was not */
  get endedFor (): Error | undefined {
    return this.#endedFor
  }

  get isEnded (): boolean {
    return this.#endedFor != null
  }

  /** Dials, checks the connection, and stores the address that answered. Never rejects */
  async run (): Promise<void> {
    const { components } = this.#dialer
    const { signal } = this.#controller
    setMaxListeners(Infinity, signal)
    this.#hasBegun = true

    try {
      const connection = await components.transportManager.dial(this.#candidate.multiaddr, this.#dialer.transportOptions({ signal, [CONNECTED]: () => { this.connected() } }))
      // not every transport says it before
      this.connected()

      if (this.isEnded) {
        void this.#dialer.close(connection)
      } else {
        this.#connection = connection
        this.connectedAt = components.clock.now()
        checkConnection(connection, this.#candidate)
        await recordSuccess(connection, components)
      }

      if (this.isEnded) {
        this.#dialer.onTransportEnded()
      } else {
        // that took its time, and whoever hears of a connection may close it
        checkOpen(connection)
        this.#dialer.onTransportConnected(connection)
      }
    } catch (err) {
      // a connection that was aborted before it had a muxer never tells that, and its keep-alive would go on for ever
      this.#close()
      this.#dialer.onTransportFailed(toError(err))
    } finally {
      this.#cancelGrace?.()
    }
  }

  connected (): void {
    this.isConnected = true

    if (this.#endedFor != null) {
      this.#controller.abort(this.#endedFor)
    }
  }

  /**
   * Aborts the transport. A WebSocket that is aborted while it connects stays open (js-libp2p pull request 3625): it is aborted when it
   * has connected, as its handshake can be
   */
  end (reason: Error): void {
    if (this.#endedFor != null) {
      return
    }

    this.#endedFor = reason

    if (!this.#hasBegun || this.#connection != null) {
      this.#close()
      this.#dialer.onTransportEnded()
    } else if (!this.isConnected && this.tag === WEBSOCKETS) {
      this.#dialer.onTransportEnded()
    } else {
      this.#controller.abort(reason)
      // not every transport listens
      this.#cancelGrace = this.#dialer.components.clock.setTimeout(() => { this.#dialer.onTransportEnded() }, GRACE)
    }
  }

  #close (): void {
    if (this.#connection != null) {
      void this.#dialer.close(this.#connection)
      this.#connection = undefined
    }
  }
}
