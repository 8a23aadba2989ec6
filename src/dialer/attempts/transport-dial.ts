import { setMaxListeners } from 'main-event'
import { checkConnection, checkOpen } from './check-connection.ts'
import { CONNECTED } from './connected.ts'
import { recordSuccess } from './last-dial.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

const WEBSOCKETS = '@libp2p/websockets'

/** Milliseconds that a transport may take to end its dial after the signal has aborted: its slot is given away then */
const GRACE = 10_000

export interface TransportDialInit {
  readonly components: DialComponents
  /** Closes a connection that comes when nobody waits for it any more. Never rejects */
  readonly close: (connection: Connection) => Promise<void>
  /** Called when the dial was ended, and its transport goes on without it */
  readonly onOutlived: () => void
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
  readonly #init: TransportDialInit
  /** Never aborted once the dial has won: transports keep the signal for the life of the connection */
  readonly #controller = new AbortController()
  #hasBegun = false
  #endedFor?: Error
  #connection?: Connection
  #cancelGrace?: () => void

  constructor (candidate: Candidate, init: TransportDialInit) {
    this.#candidate = candidate
    this.#init = init
    this.tag = init.components.transportManager.dialTransportForMultiaddr(candidate.multiaddr)?.[Symbol.toStringTag] ?? ''
  }

  /** Why the dial was ended. Undefined: it was not */
  get endedFor (): Error | undefined {
    return this.#endedFor
  }

  get isEnded (): boolean {
    return this.#endedFor != null
  }

  /**
   * Dials, checks the connection, and stores the address that answered. Undefined: the dial was ended meanwhile, and the connection is
   * closed
   *
   * @throws the transport's error; DialError, ConnectionClosedError and UnexpectedPeerError for a connection that is of no use
   */
  async run (optionsWith: (own: OwnTransportOptions) => object): Promise<Connection | undefined> {
    const { components, close } = this.#init
    const { signal } = this.#controller
    setMaxListeners(Infinity, signal)
    this.#hasBegun = true

    try {
      const connection = await components.transportManager.dial(this.#candidate.multiaddr, optionsWith({ signal, [CONNECTED]: () => { this.connected() } }))
      // not every transport says it before
      this.connected()

      if (this.isEnded) {
        void close(connection)

        return
      }

      this.#connection = connection
      this.connectedAt = components.clock.now()
      checkConnection(connection, this.#candidate)
      await recordSuccess(connection, components)

      if (this.isEnded) {
        return
      }

      // that took its time, and whoever hears of a connection may close it
      checkOpen(connection)

      return connection
    } catch (err) {
      // a connection that was aborted before it had a muxer never tells that, and its keep-alive would go on for ever
      this.#close()
      throw err
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
    const { components: { clock }, onOutlived } = this.#init

    if (this.#endedFor != null) {
      return
    }

    this.#endedFor = reason

    if (!this.#hasBegun || this.#connection != null) {
      this.#close()
      onOutlived()
    } else if (!this.isConnected && this.tag === WEBSOCKETS) {
      onOutlived()
    } else {
      this.#controller.abort(reason)
      // not every transport listens
      this.#cancelGrace = clock.setTimeout(onOutlived, GRACE)
    }
  }

  #close (): void {
    if (this.#connection != null) {
      void this.#init.close(this.#connection)
      this.#connection = undefined
    }
  }
}
