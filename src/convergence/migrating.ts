import { AbortError, InvalidParametersError } from '@libp2p/interface'
import { catchRejection, settledOrAborted } from '../pipeline/foreign-promises.ts'
import { systemClock } from '../pipeline/clock.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { toError } from '../pipeline/errors.ts'
import { Quiet } from './quiet.ts'
import type { MigrateInit, Migration, OpenStream, PreferredConnection, PreferredConnections } from './migration.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Connection, Stream } from '@libp2p/interface'

/** Milliseconds: nobody is asked more often */
const LEAST_WAIT = 10

interface Next {
  readonly connection: Connection
  readonly cancel: AbortController
  stream?: Stream
}

const ENDED = new AbortError('The stream is not migrated any more')
const REPLACED = new AbortError('Another connection is preferred')

/** One stream that follows the preferred connection */
export class Migrating implements Migration {
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
