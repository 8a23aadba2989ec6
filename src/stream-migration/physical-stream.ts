import { StreamStateError } from '@libp2p/interface'
import { LengthPrefixedDecoder } from '@libp2p/utils'
import { decode, encode } from './frames.ts'
import { MAX_FRAME_SIZE } from './protocol.ts'
import type { Frame } from './frames.ts'
import type { Connection, Stream, StreamCloseEvent } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface PhysicalStreamListener {
  /** Errors that this throws go to `onInvalid` */
  onFrame (physical: PhysicalStream, frame: Frame): void
  onInvalid (err: Error): void
  /** Called when everything that will ever arrive has been read */
  onEnd (physical: PhysicalStream): void
  /** Called when no more can be written. A paused stream may still have data to read */
  onClose (physical: PhysicalStream, event: StreamCloseEvent): void
  /** Called when the stream may accept more, see `isFull` */
  onDrain (physical: PhysicalStream): void
}

/** A stream of one connection that carries the frames of a labelled stream for some time */
export class PhysicalStream {
  readonly stream: Stream
  readonly connection: Connection
  readonly #decoder: LengthPrefixedDecoder
  readonly #listening = new AbortController()
  #reading = false
  #ended = false
  #resuming = false
  #pauseAgain = false

  constructor (stream: Stream, connection: Connection) {
    this.stream = stream
    this.connection = connection
    // a single message may have everything that was buffered while the stream was paused
    this.#decoder = new LengthPrefixedDecoder({ maxDataLength: MAX_FRAME_SIZE, maxBufferSize: stream.maxReadBufferLength + MAX_FRAME_SIZE })
  }

  /** @throws StreamStateError when the stream has closed already */
  attach (listener: PhysicalStreamListener): void {
    const { stream } = this
    const { signal } = this.#listening

    if (stream.status !== 'open') {
      throw new StreamStateError(`The stream is ${stream.status}`)
    }

    stream.addEventListener('message', ({ data }) => { this.#read(data, listener) }, { signal })
    stream.addEventListener('remoteCloseWrite', () => { this.#checkEnd(listener) }, { signal })
    stream.addEventListener('drain', () => { listener.onDrain(this) }, { signal })
    // deferred: data that is sent inside the `idle` event would stay in the buffer
    stream.addEventListener('idle', () => { queueMicrotask(() => { listener.onDrain(this) }) }, { signal })
    stream.addEventListener('close', event => {
      listener.onClose(this, event)
      this.#checkEnd(listener)
    }, { signal })

    queueMicrotask(() => { this.#checkEnd(listener) })
  }

  detach (): void {
    this.#listening.abort()
  }

  /**
   * Sends a frame. Returns false when the stream accepts no more until it has drained
   *
   * @throws StreamStateError when the stream cannot be written to any more
   */
  send (frame: Frame): boolean {
    return this.stream.send(encode(frame))
  }

  /** Whether data waits to be sent. A stream says that it has drained when it can send only a part of that */
  get isFull (): boolean {
    return this.stream.writableNeedsDrain || this.stream.writeBufferLength > 0
  }

  pause (): void {
    // a pause inside the stream's `resume()` would be undone at the end of `resume()`
    if (this.#resuming) {
      this.#pauseAgain = true
    } else if (this.stream.readStatus === 'readable') {
      this.stream.pause()
    }
  }

  resume (): void {
    if (this.#resuming) {
      this.#pauseAgain = false
      return
    }

    if (this.stream.readStatus !== 'paused' || this.#listening.signal.aborted) {
      return
    }

    this.#resuming = true

    try {
      this.stream.resume()
    } catch (err) {
      // the buffered data was read. Telling the remote fails when the connection has closed
      this.stream.log.trace('could not tell the other end to go on - %e', err)
    } finally {
      this.#resuming = false
    }

    if (this.#pauseAgain) {
      this.#pauseAgain = false
      this.pause()
    }
  }

  /** Closes the stream. Data that was written still arrives, if the connection lives */
  close (): void {
    this.stream.close().catch((err: unknown) => { this.stream.abort(err instanceof Error ? err : new StreamStateError('The stream closed early')) })
  }

  abort (err: Error): void {
    this.detach()
    this.stream.abort(err)
  }

  #read (data: Uint8Array | Uint8ArrayList, listener: PhysicalStreamListener): void {
    const outer = this.#reading
    this.#reading = true

    try {
      for (const bytes of this.#decoder.decode(data)) {
        listener.onFrame(this, decode(bytes))

        if (this.#listening.signal.aborted) {
          return
        }
      }
    } catch (err) {
      listener.onInvalid(err as Error)
    } finally {
      this.#reading = outer
    }

    this.#checkEnd(listener)
  }

  #checkEnd (listener: PhysicalStreamListener): void {
    const { remoteWriteStatus, readBufferLength } = this.stream

    if (remoteWriteStatus === 'closed' && readBufferLength === 0 && !this.#reading && !this.#ended && !this.#listening.signal.aborted) {
      this.#ended = true
      listener.onEnd(this)
    }
  }
}
