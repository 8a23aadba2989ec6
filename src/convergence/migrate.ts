import { AbortError, InvalidParametersError } from '@libp2p/interface'
import { catchRejection } from '../pipeline/catch-rejection.ts'
import { checkOptions, checkValue } from '../pipeline/check-options.ts'
import { systemClock } from '../pipeline/clock.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { toError } from '../pipeline/errors.ts'
import { CLOCK, FUNCTION, MILLISECONDS } from '../pipeline/option-kinds.ts'
import { settledOrAborted } from '../pipeline/settled-or-aborted.ts'
import { Quiet } from './quiet.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Connection, PeerId, Stream } from '@libp2p/interface'

/** Who says which connection to a peer is preferred: the node's dialer */
export interface PreferredConnections {
  addEventListener (type: 'connection:preferred', listener: (event: CustomEvent<PreferredConnection>) => void): void
  removeEventListener (type: 'connection:preferred', listener: (event: CustomEvent<PreferredConnection>) => void): void
}

export interface PreferredConnection {
  peerId: PeerId
  previous: Connection
  preferred: Connection
}

/** Opens a stream on a connection, and says to the remote whatever it takes to resume there. The signal aborts when it is not wanted any more */
export type OpenStream = (connection: Connection, signal: AbortSignal) => Promise<Stream>

export interface Switched {
  /** Still open: it is closed for writing after `onSwitch`, and what the remote sends until it closes its side can be read */
  previous: Stream
  current: Stream
}

export interface MigrateInit {
  /**
   * Milliseconds in which the old stream carried nothing, in either direction
   *
   * @default 1000
   */
  idle?: number
  /** Whether the application can leave a stream now, asked when that is idle, and again every `idle` ms until it can. Default: it can */
  isIdle?: (stream: Stream) => boolean
  /** Called when `stream` is another from now on */
  onSwitch?: (switched: Switched) => void
  /** Default: the system's */
  clock?: Clock
}

export interface Migration {
  /** The stream to use now. To be looked up for each message, not kept */
  readonly stream: Stream
  /** Follows the preferred connection no longer. The current stream stays as it is */
  end (): void
}

/** Milliseconds: nobody is asked more often */
const LEAST_WAIT = 10

/**
 * Keeps an application's stream on the preferred connection to a peer: when that becomes another, opens a new stream there
 * and switches to it when the old one is idle. Where the new one cannot be opened, or does not last until then, the old one
 * stays. Ends by itself with the current stream, but for one that is lost together with its connection while a new one is
 * open, or on its way: that takes over.
 *
 * It knows bytes, not messages: of a message whose second half is late, of a request whose answer is not there yet, and of
 * bytes that the remote has sent and this node has not received, it sees nothing, and takes the stream for idle. An
 * application whose protocol pauses in such places, for longer than `idle`, says in `isIdle` that there is something open.
 * Nothing is sent again and nothing put in order: what is resumed, and how the remote knows that two streams are one
 * conversation, is for `open` and the protocol.
 *
 * @param open is called for the first stream too
 * @throws InvalidParametersError for an `open` that is not a function, and an unknown or wrong option
 * @throws what `open` throws for the first stream
 */
export async function migrate (dialer: PreferredConnections, connection: Connection, open: OpenStream, init: MigrateInit = {}): Promise<Migration> {
  checkValue('migrate()', open, FUNCTION, InvalidParametersError, 'open')
  checkOptions('migrate()', init, { idle: MILLISECONDS, isIdle: FUNCTION, onSwitch: FUNCTION, clock: CLOCK }, InvalidParametersError)
  const migrating = new Migrating(dialer, connection, open, init)
  await migrating.begin()

  return migrating
}

interface Next {
  readonly connection: Connection
  readonly cancel: AbortController
  stream?: Stream
}

const ENDED = new AbortError('The stream is not migrated any more')
const REPLACED = new AbortError('Another connection is preferred')

class Migrating implements Migration {
  readonly #dialer: PreferredConnections
  readonly #open: OpenStream
  readonly #init: MigrateInit
  readonly #clock: Clock
  readonly #idle: number
  #connection: Connection
  /** Of the latest event */
  #preferred: Connection
  #stream?: Stream
  #quiet?: Quiet
  #next?: Next
  #cancelLook?: () => void

  constructor (dialer: PreferredConnections, connection: Connection, open: OpenStream, init: MigrateInit) {
    this.#dialer = dialer
    this.#connection = this.#preferred = connection
    this.#open = open
    this.#init = init
    this.#clock = init.clock ?? systemClock
    this.#idle = init.idle ?? 1_000
    dialer.addEventListener('connection:preferred', this.#onPreferred)
  }

  get stream (): Stream {
    return this.#stream as Stream
  }

  async begin (): Promise<void> {
    try {
      this.#use(this.#connection, await this.#open(this.#connection, new AbortController().signal))
    } catch (err) {
      this.end()
      throw err
    }

    // it may have changed meanwhile
    this.#follow()
  }

  end (): void {
    this.#dialer.removeEventListener('connection:preferred', this.#onPreferred)
    this.#drop(ENDED)
    this.#leave()
  }

  #use (connection: Connection, stream: Stream): void {
    this.#leave()
    this.#connection = connection
    this.#stream = stream
    this.#quiet = new Quiet(stream, this.#clock)
    stream.addEventListener('close', this.#onClose)
  }

  #leave (): void {
    this.#quiet?.end()
    this.#stream?.removeEventListener('close', this.#onClose)
  }

  /** Opens a stream where one is wanted now */
  #follow (): void {
    if (this.#next?.connection === this.#preferred) {
      return
    }

    this.#drop(REPLACED)

    if (this.#preferred !== this.#connection) {
      const next: Next = { connection: this.#preferred, cancel: new AbortController() }
      this.#next = next
      void this.#prepare(next)
    }
  }

  async #prepare (next: Next): Promise<void> {
    const { connection, cancel: { signal } } = next
    const opening = (async () => this.#open(connection, signal))()

    try {
      const stream = await settledOrAborted(opening, signal)
      signal.throwIfAborted()
      next.stream = stream
      stream.addEventListener('close', this.#onNextClose)
      this.#look()
    } catch (err) {
      // it may come late
      opening.then(stream => { stream.abort(toError(err)) }).catch(() => {})

      if (this.#next === next) {
        this.#lost()
      }
    }
  }

  /** Gives up the new stream, or the attempt to open it */
  #drop (reason: Error): void {
    const next = this.#forget()
    next?.cancel.abort(reason)
    next?.stream?.abort(reason)
  }

  #forget (): Next | undefined {
    const next = this.#next
    this.#next = undefined
    this.#cancelLook?.()
    next?.stream?.removeEventListener('close', this.#onNextClose)

    return next
  }

  /** There is no new one: the old one stays */
  #lost (): void {
    this.#forget()

    if (this.#isGone) {
      this.end()
    }
  }

  /** Switches if it is time, else looks again when it may be */
  #look (): void {
    if (this.#next?.stream == null || this.#quiet == null) {
      return
    }

    const rest = this.#quiet.since + this.#idle - this.#clock.now()

    if (this.#isGone || (rest <= 0 && this.#mayLeave(this.#quiet))) {
      this.#switch(this.#next.connection, this.#next.stream)
    } else {
      this.#cancelLook = this.#clock.setTimeout(() => { this.#look() }, Math.max(LEAST_WAIT, rest > 0 ? rest : this.#idle))
    }
  }

  get #isGone (): boolean {
    return this.stream.status !== 'open' && this.stream.status !== 'closing'
  }

  /** One that either side has begun to close ends as it is */
  #mayLeave ({ isEmpty }: Quiet): boolean {
    const { status, writeStatus, remoteWriteStatus } = this.stream

    return isEmpty && status === 'open' && writeStatus === 'writable' && remoteWriteStatus === 'writable' &&
      this.#told(() => this.#isIdle()) === true
  }

  #isIdle (): boolean {
    const answer = this.#init.isIdle == null ? true : this.#init.isIdle(this.stream)

    if (typeof answer !== 'boolean') {
      throw new InvalidParametersError(`isIdle() answered ${describeValue(answer)}: it answers true or false`)
    }

    return answer
  }

  #switch (connection: Connection, current: Stream): void {
    const previous = this.stream
    this.#forget()
    this.#use(connection, current)
    this.#told(() => { catchRejection(this.#init.onSwitch?.({ previous, current }), this.#onFailure) })
    previous.close().catch(err => { previous.abort(toError(err)) })
  }

  #told<T> (ask: () => T): T | undefined {
    try {
      return ask()
    } catch (err) {
      this.#onFailure(err)
    }
  }

  readonly #onFailure = (err: unknown): void => {
    this.stream.log.error('a callback of migrate() failed - %e', toError(err))
  }

  readonly #onPreferred = ({ detail: { preferred } }: CustomEvent<PreferredConnection>): void => {
    if (preferred.remotePeer.equals(this.#connection.remotePeer)) {
      this.#preferred = preferred

      if (this.#stream != null) {
        this.#follow()
      }
    }
  }

  readonly #onClose = (): void => {
    const { stream } = this

    // a connection that is aborted ends its streams first, and itself in the same breath
    queueMicrotask(() => {
      if (stream !== this.stream) {
        return
      }

      // with its connection open somebody has closed it: the conversation is over
      if (this.#next == null || this.#connection.status === 'open') {
        this.end()
      } else {
        this.#look()
      }
    })
  }

  readonly #onNextClose = (): void => {
    this.#lost()
  }
}
