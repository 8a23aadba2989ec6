import type { Clock } from '../pipeline/clock.ts'
import type { Stream } from '@libp2p/interface'

/** Watches since when a stream has carried nothing in either direction */
export class Quiet {
  readonly #stream: Stream
  readonly #clock: Clock
  readonly #dispatchEvent: Stream['dispatchEvent']
  /** On the clock */
  since: number

  constructor (stream: Stream, clock: Clock) {
    this.#stream = stream
    this.#clock = clock
    this.since = clock.now()
    this.#dispatchEvent = stream.dispatchEvent.bind(stream)
    // one who listens to messages takes them: from an application too that has yet to do so
    stream.dispatchEvent = this.#noted
    // what was sent has left
    stream.addEventListener('idle', this.#onUse)
  }

  /** Nothing waits to be sent or to be read */
  get isEmpty (): boolean {
    const { readBufferLength, writeBufferLength, writableNeedsDrain } = this.#stream

    return readBufferLength === 0 && writeBufferLength === 0 && !writableNeedsDrain
  }

  end (): void {
    this.#stream.removeEventListener('idle', this.#onUse)

    if (this.#stream.dispatchEvent === this.#noted) {
      this.#stream.dispatchEvent = this.#dispatchEvent
    }
  }

  readonly #noted = (event: Event): boolean => {
    if (event.type === 'message') {
      this.#onUse()
    }

    return this.#dispatchEvent(event)
  }

  readonly #onUse = (): void => {
    this.since = this.#clock.now()
  }
}
