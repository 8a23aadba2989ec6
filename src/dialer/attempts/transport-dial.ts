import { setMaxListeners } from 'main-event'
import { recorderOf } from '../../history/recorder.ts'
import { toError } from '../../pipeline/errors.ts'
import { banErrorOf } from '../../pipeline/judgements.ts'
import { checkConnection, checkOpen } from './connections.ts'
import { handOut, recordSuccess } from './outcome-recorder.ts'
import type { HeldConnections } from './connections.ts'
import type { OutcomeRecorder } from './outcome-recorder.ts'
import type { Participants } from './participants.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** The key, in the options of a transport, of what is called when it has its connection, before anything is negotiated */
export const CONNECTED = Symbol.for('libp2p-dial-pipeline.connected')

/** The transport is connected, and the handshake begins: the remote was heard of */
const FIRST_RESPONSE = 'upgrader:encrypt-outbound-connection'

const WEBSOCKETS = '@libp2p/websockets'

/** Milliseconds that a transport may take to end its dial after the signal has aborted: its slot is given away then */
const GRACE = 10_000

/** Milliseconds that a connection waits for the peer store to note its address: a store that takes longer goes on by itself */
const STORE_TIMEOUT = 1_000

/** Whoever has a transport dial */
export interface TransportDialer {
  readonly candidate: Candidate
  readonly components: DialComponents
  readonly held: HeldConnections
  readonly outcome: OutcomeRecorder
  readonly participants: Participants
  /** Calls the transport */
  dialTransport (own: OwnTransportOptions): Promise<Connection>
  /** The transport begins */
  onStart (at: number): void
  /** The remote was first heard of */
  onFirstResponse (): void
  /** Called once, before the participants are told */
  onOutcome (outcome: 'connected' | 'failed' | 'cancelled', error: Error | undefined, connection?: Connection): void
  /** The transport has ended, or goes on without its dial. Called once, after the participants were told. `error`: why there is no connection */
  onOver (error: Error | undefined): void
}

/** What the transport is given by the dialer */
export interface OwnTransportOptions {
  readonly signal: AbortSignal
  readonly [CONNECTED]: () => void
  readonly onProgress: (event: { type: string }) => void
}

/** One dial of a transport: it tells the participants what comes of it, has the outcome recorded, and can be ended */
export class TransportDial {
  /** The tag of the transport; empty: there is none */
  readonly tag: string
  readonly #dialer: TransportDialer
  /** Never aborted once the dial has won: transports keep the signal for the life of the connection */
  readonly #controller = new AbortController()
  #hasBegun = false
  /** An abort has something to end */
  #isConnected = false
  #isOver = false
  #endedFor?: Error
  #connection?: Connection
  #cancelGrace?: () => void
  #stopStoring?: () => void

  constructor (dialer: TransportDialer) {
    this.#dialer = dialer
    this.tag = dialer.components.transportManager.dialTransportForMultiaddr(dialer.candidate.multiaddr)?.[Symbol.toStringTag] ?? ''
  }

  get isEnded (): boolean {
    return this.#endedFor != null
  }

  /** Nothing was heard of the remote */
  get isSilent (): boolean {
    return this.#dialer.participants.isSilent && !this.#isConnected
  }

  /** Dials, unless the address was banned while it waited for its slot. Never throws */
  begin (): void {
    const { candidate, components, participants } = this.#dialer

    try {
      const banned = banErrorOf(candidate, components.bans)

      if (banned != null) {
        throw banned
      }

      const now = components.clock.now()
      this.#dialer.onStart(now)
      participants.start(now)

      // whoever hears of it may end it
      if (!this.isEnded) {
        this.#hasBegun = true
        void this.#run()
      }
    } catch (err) {
      this.#fail(toError(err))
    }
  }

  /**
   * Aborts the transport. A WebSocket that is aborted while it connects stays open (js-libp2p pull request 3625): it is aborted when it
   * has connected, as its handshake can be. Until then its socket lives on, and takes no slot: nothing could close it
   */
  end (reason: Error): void {
    if (this.#endedFor != null) {
      return
    }

    const { components: { clock }, outcome, participants } = this.#dialer
    this.#endedFor = reason
    outcome.abandoned(participants, reason)
    this.#dialer.onOutcome(reason.name === 'AbortError' ? 'cancelled' : 'failed', reason)

    if (!this.#hasBegun || this.#connection != null) {
      this.#stopStoring?.()
      this.#close()
      this.#finish(reason)
    } else if (!this.#isConnected && this.tag === WEBSOCKETS) {
      this.#finish(reason)
    } else {
      this.#controller.abort(reason)
      // not every transport listens
      this.#cancelGrace = clock.setTimeout(() => { this.#finish(reason) }, GRACE)
    }
  }

  /** Checks the connection, and stores the address that answered. Never rejects */
  async #run (): Promise<void> {
    const { held } = this.#dialer
    const { signal } = this.#controller
    setMaxListeners(Infinity, signal)

    try {
      const connection = await this.#dialer.dialTransport({
        signal,
        [CONNECTED]: () => { this.#onConnected() },
        onProgress: event => { this.#onProgress(event) }
      })
      // not every transport says it before
      this.#onConnected()

      if (this.isEnded) {
        void held.close(connection)
      } else {
        await this.#accept(connection)
      }

      if (this.#endedFor != null) {
        this.#finish(this.#endedFor)
      }
    } catch (err) {
      // a connection that was aborted before it had a muxer never tells that, and its keep-alive would go on for ever
      this.#close()
      this.#fail(toError(err))
    } finally {
      this.#cancelGrace?.()
    }
  }

  async #accept (connection: Connection): Promise<void> {
    const { candidate, components, held, outcome, participants } = this.#dialer
    this.#connection = connection
    const connectedAt = components.clock.now()
    checkConnection(connection, candidate)
    outcome.opened(connection)
    await this.#store(connection)

    if (this.isEnded) {
      return
    }

    // that took its time, and whoever hears of a connection may close it
    checkOpen(connection)
    handOut({ ...candidate, multiaddr: connection.remoteAddr }, connection.remotePeer, components)
    outcome.connected(participants, connectedAt, connection)
    // in one step: whoever leaves between the two would leave it open
    held.hold(connection, participants.size)
    this.#dialer.onOutcome('connected', undefined, connection)
    participants.connect(connection)
    this.#finish()
  }

  /** Never rejects. Resolves when the address is stored, the store has taken too long, or the dial is ended */
  async #store (connection: Connection): Promise<void> {
    const { components } = this.#dialer
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = components.clock.setTimeout(resolve, STORE_TIMEOUT)
    this.#stopStoring = resolve
    void recordSuccess(connection, components).then(resolve)
    await promise
    cancel()
  }

  #onConnected (): void {
    this.#isConnected = true

    if (this.#endedFor != null) {
      this.#controller.abort(this.#endedFor)
    }
  }

  #onProgress (event: { type: string }): void {
    const { candidate, components: { clock, history }, participants } = this.#dialer
    const at = clock.now()
    const type = String((event as Partial<Event> | undefined)?.type)

    if (type === FIRST_RESPONSE && participants.firstResponseAt == null) {
      recorderOf(history).answered?.(candidate)
      participants.respond(at)
      this.#onConnected()
      this.#dialer.onFirstResponse()
    }

    participants.progress(event, type, at, candidate)
  }

  #fail (error: Error): void {
    const { outcome, participants } = this.#dialer

    if (!this.isEnded) {
      outcome.failed(participants, error)
      this.#dialer.onOutcome('failed', error)
    }

    participants.fail(error)
    this.#finish(error)
  }

  #finish (error?: Error): void {
    if (!this.#isOver) {
      this.#isOver = true
      this.#dialer.onOver(error)
    }
  }

  #close (): void {
    if (this.#connection != null) {
      void this.#dialer.held.close(this.#connection)
      this.#connection = undefined
    }
  }
}
