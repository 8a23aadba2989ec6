import { ConnectionClosedError, DialError, UnexpectedPeerError } from '@libp2p/interface'
import { setMaxListeners } from 'main-event'
import { readPeerId } from '../../address/peer-id.ts'
import { peerOf } from '../../pipeline/candidate.ts'
import { describeValue } from '../../pipeline/describe-value.ts'
import { toError } from '../../pipeline/errors.ts'
import { recordSuccess } from './outcome-recorder.ts'
import type { Connection } from '@libp2p/interface'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'

/** Of the options that reach a transport: what is called when it has its connection, before anything is negotiated */
export const CONNECTED = Symbol.for('libp2p-dial-pipeline.connected')

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

/**
 * Checks what a transport answered
 *
 * @throws DialError for what is no connection, or cannot be read; ConnectionClosedError for one that is closed; UnexpectedPeerError
 * for one to another peer
 */
export function checkConnection (connection: Connection, candidate: Candidate): void {
  checkClosable(connection, candidate)
  checkOpen(connection)
  checkPeer(connection, candidate)
  checkReadable(connection, candidate)
}

function checkClosable (connection: Connection | undefined, { id }: Candidate): void {
  if (typeof connection?.close !== 'function') {
    throw new DialError(`The transport for ${id} answered ${describeValue(connection)} where a connection was expected`)
  }
}

/** Stages read these later. A getter that throws costs one address here, and would cost the dial there */
function checkReadable (connection: Connection, { id }: Candidate): void {
  const missing = (['newStream', 'remoteAddr'] as const).find(name => connection[name] == null)
  Reflect.get(connection, 'limits')

  if (missing != null) {
    throw new DialError(`The transport for ${id} answered a connection without ${missing}`)
  }
}

/** @throws ConnectionClosedError for one that is closed */
export function checkOpen ({ status }: Connection): void {
  if (status !== 'open') {
    throw new ConnectionClosedError('Remote closed connection during opening')
  }
}

/** An id that is the hash of a key tells the handshake nothing to compare: libp2p takes whoever answers there */
function checkPeer ({ remotePeer }: Connection, { multiaddr }: Candidate): void {
  const expected = peerOf(multiaddr)

  if (expected != null && expected !== remotePeer.toString() && !remotePeer.equals(readPeerId(expected))) {
    throw new UnexpectedPeerError(`Dialed peer ${expected} but connected to ${remotePeer.toString()}`)
  }
}
