import { setMaxListeners } from 'main-event'
import { toError } from '../../pipeline/errors.ts'
import { banErrorOf } from '../../pipeline/judgements.ts'
import { checkConnection, checkOpen, handOutConnected, recordAbandoned, recordConnected, recordFailed, recordOpened, recorderOf, recordSuccess } from './outcome.ts'
import { ownTypeOf } from './nested.ts'
import { Participants } from './participants.ts'
import type { OuterDial } from './nested.ts'
import type { Slots } from './slots.ts'
import type { Observing } from '../../metrics/observer.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { Connection, Logger } from '@libp2p/interface'

/** Key of a callback in a transport's options. The upgrader calls it when the transport is connected, before anything is negotiated */
export const CONNECTED = Symbol.for('libp2p-dial-pipeline.connected')

/** Progress event of the first handshake. The transport is connected by then, so the remote has responded */
const FIRST_RESPONSE = 'upgrader:encrypt-outbound-connection'

const WEBSOCKETS = '@libp2p/websockets'

/** Milliseconds that an aborted transport has to end its dial. The slots of the attempt are released after that at the latest */
const GRACE = 10_000

/** Milliseconds that a connection waits for the peer store to write its address. A slower write goes on in the background */
const STORE_TIMEOUT = 1_000

/** The parts of a node that its attempts share */
export interface AttemptHost {
  readonly components: DialComponents
  readonly log: Logger
  readonly slots: Slots
  readonly observer: Observing
  /** Adds `count` holders to a connection. Closes the connection when `count` is 0 */
  hold (connection: Connection, count: number): void
  /** Removes one holder. The last one closes the connection */
  release (connection: Connection): void
  /** Closes the connection of an attempt without dials, unless it has a holder from another attempt */
  close (connection: Connection): void
  /** Called when the transport has ended, or is not waited for any more, with the error of the attempt */
  onEnd (attempt: TransportDial, error: Error | undefined): void
}

/** The options that the dialer passes to a transport */
export interface OwnTransportOptions {
  readonly signal: AbortSignal
  readonly [CONNECTED]: () => void
  readonly onProgress: (event: { type: string }) => void
}

/** A single dial of a transport. Notifies the participants, records the outcome, and can be ended */
export abstract class TransportDial {
  /** Includes the reports of all dials that joined */
  candidate: Candidate
  /** The `Symbol.toStringTag` of the transport. Empty when no transport dials the address */
  readonly transport: string
  readonly participants: Participants
  readonly host: AttemptHost
  isRecorded = false
  /** Never aborted once the attempt has won: TCP keeps the signal for the lifetime of the connection. Signals of layers do not reach the transport */
  readonly #controller = new AbortController()
  #hasBegun = false
  /** Whether the transport has connected: from then on, an abort closes its connection */
  #isConnected = false
  #isOver = false
  #endedFor?: Error
  #connection?: Connection
  #cancelGrace?: () => void
  #stopStoring?: () => void

  constructor (candidate: Candidate, host: AttemptHost) {
    this.candidate = candidate
    this.host = host
    this.participants = new Participants(host.slots.speculation)
    this.transport = host.components.transportManager.dialTransportForMultiaddr(candidate.multiaddr)?.[Symbol.toStringTag] ?? ''
  }

  protected abstract callTransport (own: OwnTransportOptions): Promise<Connection>
  protected abstract onFirstResponse (): void
  /** Called once, after the participants were notified, when the transport has ended or is abandoned. `error`: why there is no connection */
  protected abstract onOver (error: Error | undefined): void

  get components (): DialComponents { return this.host.components }
  get dials (): readonly OuterDial[] { return this.participants.dials }
  get isEnded (): boolean { return this.#endedFor != null }

  get isSilent (): boolean { return this.participants.isSilent && !this.#isConnected }

  /** Dials, unless the address was banned while the attempt waited for its slot. Never throws */
  protected dialTransport (): void {
    const { candidate, components, participants } = this

    try {
      const banned = banErrorOf(candidate, components.bans)

      if (banned != null) {
        throw banned
      }

      const now = components.clock.now()
      this.host.observer()?.attemptStarted?.(this, now)
      participants.start(now)

      // a participant may have ended the attempt when it heard of the start
      if (!this.isEnded) {
        this.#hasBegun = true
        void this.#run()
      }
    } catch (err) {
      this.#fail(toError(err))
    }
  }

  /**
   * Aborts the transport. A WebSocket that is aborted while it connects stays open (js-libp2p pull request 3625). Such a WebSocket is
   * aborted when it has connected. Until then its socket stays open without a slot, because nothing could close it
   */
  protected abandon (reason: Error): void {
    if (this.#endedFor != null) {
      return
    }

    this.#endedFor = reason
    recordAbandoned(this, reason)

    if (!this.#hasBegun || this.#connection != null) {
      this.#stopStoring?.()
      this.#close()
      this.#finish(reason)
    } else if (!this.#isConnected && this.transport === WEBSOCKETS) {
      this.#finish(reason)
    } else {
      this.#controller.abort(reason)
      // some transports ignore the signal
      this.#cancelGrace = this.components.clock.setTimeout(() => { this.#finish(reason) }, GRACE)
    }
  }

  /** Dials, checks the connection, and stores the address that answered. Never rejects */
  async #run (): Promise<void> {
    const { signal } = this.#controller
    setMaxListeners(Infinity, signal)

    try {
      const connection = await this.callTransport({
        signal,
        [CONNECTED]: () => { this.#onConnected() },
        onProgress: event => { this.#onProgress(event) }
      })
      // some transports do not call CONNECTED
      this.#onConnected()

      if (this.isEnded) {
        this.host.close(connection)
      } else {
        await this.#accept(connection)
      }

      if (this.#endedFor != null) {
        this.#finish(this.#endedFor)
      }
    } catch (err) {
      // a connection that is aborted before it has a muxer does not close by itself: its keep-alive would run for ever
      this.#close()
      this.#fail(this.#endedFor ?? toError(err))
    } finally {
      this.#cancelGrace?.()
    }
  }

  async #accept (connection: Connection): Promise<void> {
    const { candidate, components, participants } = this
    this.#connection = connection
    const connectedAt = components.clock.now()
    checkConnection(connection, candidate)
    recordOpened(this, connection)
    await this.#store(connection)

    if (this.isEnded) {
      return
    }

    // a listener may have closed the connection while the store wrote
    checkOpen(connection)
    handOutConnected(candidate, connection, components)
    recordConnected(this, connectedAt, connection)
    // `hold` and `connect` are synchronous: a participant that left between them would leave the connection open
    this.host.hold(connection, participants.size)
    participants.connect(connection)
    this.#finish()
  }

  /** Resolves when the address is stored, `STORE_TIMEOUT` has passed, or the dial is ended. Never rejects */
  async #store (connection: Connection): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.components.clock.setTimeout(resolve, STORE_TIMEOUT)
    this.#stopStoring = resolve
    void recordSuccess(connection, this.components).then(resolve)
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
    const { candidate, components: { clock, history }, participants } = this
    const at = clock.now()
    const type = ownTypeOf(event, candidate)

    if (type === FIRST_RESPONSE && participants.firstResponseAt == null) {
      recorderOf(history).answered?.(candidate)
      participants.respond(at)
      this.#onConnected()
      this.onFirstResponse()
    }

    participants.progress(event, type, at, candidate)
  }

  #fail (error: Error): void {
    if (!this.isEnded) {
      recordFailed(this, error)
    }

    this.participants.fail(error)
    this.#finish(error)
  }

  #finish (error?: Error): void {
    if (!this.#isOver) {
      this.#isOver = true
      this.onOver(error)
    }
  }

  #close (): void {
    if (this.#connection != null) {
      this.host.close(this.#connection)
      this.#connection = undefined
    }
  }
}
