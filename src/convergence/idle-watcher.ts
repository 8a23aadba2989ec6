import type { Clock } from '../pipeline/clock.ts'
import type { Stream } from '@libp2p/interface'

/** Measures how long a stream has carried nothing, in either direction */
export class IdleWatcher {
  readonly stream: Stream
  readonly #clock: Clock
  readonly #dispatchEvent: Stream['dispatchEvent']
  #lastUse: number

  constructor (stream: Stream, clock: Clock) {
    this.stream = stream
    this.#clock = clock
    this.#lastUse = clock.now()
    this.#dispatchEvent = stream.dispatchEvent.bind(stream)
    // `dispatchEvent()` is patched, because a listener would take messages away from an application that does not listen yet
    stream.dispatchEvent = this.#watchedDispatch
    // libp2p dispatches `idle` when everything that was sent has left
    stream.addEventListener('idle', this.#onUse)
  }

  get idleFor (): number {
    return this.#clock.now() - this.#lastUse
  }

  get isLost (): boolean {
    return this.stream.status !== 'open' && this.stream.status !== 'closing'
  }

  /** Returns whether neither side has begun to close the stream, and no data waits to be sent or read */
  get isLeavable (): boolean {
    const { status, writeStatus, remoteWriteStatus, readBufferLength, writeBufferLength, writableNeedsDrain } = this.stream

    return status === 'open' && writeStatus === 'writable' && remoteWriteStatus === 'writable' &&
      readBufferLength === 0 && writeBufferLength === 0 && !writableNeedsDrain
  }

  end (): void {
    this.stream.removeEventListener('idle', this.#onUse)

    if (this.stream.dispatchEvent === this.#watchedDispatch) {
      this.stream.dispatchEvent = this.#dispatchEvent
    }
  }

  readonly #watchedDispatch = (event: Event): boolean => {
    if (event.type === 'message') {
      this.#onUse()
    }

    return this.#dispatchEvent(event)
  }

  readonly #onUse = (): void => {
    this.#lastUse = this.#clock.now()
  }
}
