import { AbortError, InvalidParametersError, StreamStateError } from '@libp2p/interface'
import { callGuarded, settledOrAborted } from '../pipeline/foreign-promises.ts'
import { systemClock } from '../pipeline/clock.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { toError } from '../pipeline/errors.ts'
import { guarded } from '../pipeline/safe-log.ts'
import { IdleWatcher } from './idle-watcher.ts'
import type { FollowInit, OpenStream, PreferredEvents, StreamFollower } from './stream-follower.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Connection, Stream } from '@libp2p/interface'

/** Minimum milliseconds between two calls of `isIdle` */
const MIN_WAIT = 10

/** Milliseconds that a lost connection has to close after its stream. If it does not, only the stream was closed, and following ends */
const CLOSE_WAIT = 1_000

interface Successor {
  readonly connection: Connection
  readonly cancel: AbortController
  /** Undefined while it is being opened */
  stream?: Stream
}

const ENDED = new AbortError('The stream does not follow the preferred connection any more')
const REPLACED = new AbortError('Another connection is preferred')
const CLOSED = new StreamStateError('The new stream was closed before it was used')

export class PreferredStream implements StreamFollower {
  readonly #dialer: PreferredEvents
  readonly #open: OpenStream
  readonly #init: FollowInit
  readonly #clock: Clock
  readonly #idle: number
  #connection: Connection
  #preferred: Connection
  #current?: IdleWatcher
  #successor?: Successor
  #cancelTimer?: () => void
  /** Cancels the wait that tells whether the closed stream was lost with its connection */
  #cancelWait?: () => void

  constructor (dialer: PreferredEvents, connection: Connection, open: OpenStream, init: FollowInit) {
    this.#dialer = dialer
    this.#connection = this.#preferred = connection
    this.#open = open
    this.#init = init
    this.#clock = init.clock ?? systemClock
    this.#idle = init.idle ?? 1_000
    dialer.addEventListener('connection:preferred', this.#onPreferred)
  }

  get stream (): Stream {
    return this.#current?.stream as Stream
  }

  async begin (): Promise<void> {
    try {
      this.#use(this.#connection, await this.#open(this.#connection, new AbortController().signal))
    } catch (err) {
      this.end()
      throw err
    }

    // the preferred connection may have changed before the listener was added, or meanwhile
    this.#preferred = this.#dialer.preferred(this.#connection.remotePeer) ?? this.#preferred
    this.#follow()

    // the stream may have closed before the listener for its close event was added
    if (this.#current?.isLost === true) {
      this.#onClose()
    }
  }

  end (): void {
    this.#dialer.removeEventListener('connection:preferred', this.#onPreferred)
    this.#dropSuccessor(ENDED)
    this.#unwatch()
  }

  #use (connection: Connection, stream: Stream): void {
    this.#unwatch()
    this.#connection = connection
    this.#current = new IdleWatcher(stream, this.#clock)
    stream.addEventListener('close', this.#onClose)
  }

  #unwatch (): void {
    this.#cancelWait?.()
    this.#current?.end()
    this.#current?.stream.removeEventListener('close', this.#onClose)
  }

  /** Opens a successor if the current stream is not on the preferred connection */
  #follow (): void {
    if (this.#successor?.connection === this.#preferred) {
      return
    }

    this.#dropSuccessor(REPLACED)

    if (this.#preferred !== this.#connection) {
      this.#successor = { connection: this.#preferred, cancel: new AbortController() }
      void this.#openSuccessor(this.#successor)
    }
  }

  async #openSuccessor (successor: Successor): Promise<void> {
    const { connection, cancel: { signal } } = successor
    const opening = this.#open(connection, signal)

    try {
      const stream = await settledOrAborted(opening, signal)
      signal.throwIfAborted()
      successor.stream = stream
      this.#switchWhenIdle(successor, stream)
    } catch (err) {
      // the stream may still open, and nobody wants it any more
      opening.then(stream => { stream.abort(toError(err)) }).catch(() => {})

      if (this.#successor === successor) {
        this.#onFailure(err)
        this.#loseSuccessor(toError(err))
      }
    }
  }

  #dropSuccessor (reason: Error): void {
    const successor = this.#successor
    this.#successor = undefined
    this.#cancelTimer?.()
    successor?.cancel.abort(reason)
    successor?.stream?.abort(reason)
  }

  /** Gives up the successor. Follows on with the current stream, if that is still open, or with another connection */
  #loseSuccessor (reason: Error): void {
    const failed = this.#successor?.connection
    this.#dropSuccessor(reason)

    // while the connection is open, the wait for its end decides
    if (this.#current?.isLost === true && this.#connection.status !== 'open') {
      this.#replaceLost(failed)
    }
  }

  /** Switches to the successor's stream, or checks again when the current stream may be idle */
  #switchWhenIdle (successor: Successor, stream: Stream): void {
    const { idleFor, isLost, isLeavable } = this.#current as IdleWatcher
    const rest = this.#idle - idleFor
    const canSwitch = isLost || (rest <= 0 && isLeavable && this.#isIdle())
    this.#cancelTimer?.()

    // isIdle() may have called end(), or have changed the preferred connection. Following ends if only the stream was closed
    if (this.#successor !== successor || (isLost && this.#connection.status === 'open')) {
      return
    }

    if (stream.status !== 'open') {
      this.#loseSuccessor(CLOSED)
    } else if (canSwitch) {
      this.#switch(successor.connection, stream)
    } else {
      this.#cancelTimer = this.#clock.setTimeout(() => { this.#switchWhenIdle(successor, stream) }, Math.max(MIN_WAIT, rest > 0 ? rest : this.#idle))
    }
  }

  #switch (connection: Connection, current: Stream): void {
    const previous = this.stream
    this.#successor = undefined
    this.#use(connection, current)

    callGuarded(() => this.#init.onSwitch?.({ previous, current }), this.#onFailure)
    previous.close().catch(err => { previous.abort(toError(err)) })
  }

  #isIdle (): boolean {
    try {
      const answer = this.#init.isIdle == null ? true : this.#init.isIdle(this.stream)

      if (typeof answer !== 'boolean') {
        throw new InvalidParametersError(`isIdle() answered ${describeValue(answer)}: it answers true or false`)
      }

      return answer
    } catch (err) {
      this.#onFailure(err)

      return false
    }
  }

  readonly #onFailure = (err: unknown): void => {
    guarded(this.stream.log).error('a callback of followPreferred() failed - %e', toError(err))
  }

  readonly #onPreferred = ({ detail: { connection: preferred } }: CustomEvent<{ connection: Connection }>): void => {
    if (preferred.remotePeer.equals(this.#connection.remotePeer)) {
      this.#preferred = preferred

      if (this.#current != null) {
        this.#follow()
      }
    }
  }

  /** Libp2p closes the streams of a lost connection before the connection. A remote that closes it ends them some messages earlier */
  readonly #onClose = (): void => {
    const connection = this.#connection

    if (connection.status !== 'open') {
      return this.#replaceLost()
    }

    const onLost = (): void => { this.#replaceLost() }
    const cancelTimer = this.#clock.setTimeout(() => { this.end() }, CLOSE_WAIT)
    connection.addEventListener('close', onLost)
    this.#cancelWait = () => {
      cancelTimer()
      connection.removeEventListener('close', onLost)
    }
  }

  /** Continues on another connection than `failed`, because the current stream was lost with its connection */
  #replaceLost (failed?: Connection): void {
    this.#cancelWait?.()
    const successor = this.#successor
    const preferred = successor?.connection ?? this.#dialer.preferred(this.#connection.remotePeer)

    if (successor?.stream != null) {
      this.#switchWhenIdle(successor, successor.stream)
    } else if (preferred == null || preferred === this.#connection || preferred === failed) {
      this.end()
    } else {
      this.#preferred = preferred
      this.#follow()
    }
  }
}
