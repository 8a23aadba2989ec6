import type { Stream, StreamCloseEvent } from '@libp2p/interface'

/** Sends the bytes of a known sequence and checks those of the other end, as an application that respects backpressure */
export class Talker {
  readonly stream: Stream
  sent = 0
  received = 0
  /** The index of the first wrong byte */
  wrong?: number
  ended = false
  closed?: { error?: Error }
  readonly #own: number
  readonly #others: number
  #wanted = 0
  #closing = false

  /** @param own the sequence that this end sends */
  constructor (stream: Stream, own: 0 | 1) {
    this.stream = stream
    this.#own = own
    this.#others = 1 - own

    stream.addEventListener('message', ({ data }) => {
      for (const byte of data.subarray()) {
        if (byte !== byteAt(this.#others, this.received++)) {
          this.wrong ??= this.received - 1
        }
      }
    })
    stream.addEventListener('drain', () => { this.#pump() })
    stream.addEventListener('remoteCloseWrite', () => { this.ended = true })
    stream.addEventListener('close', ({ error }: StreamCloseEvent) => { this.closed = { error } })
  }

  send (bytes: number): void {
    if (!this.#closing) {
      this.#wanted += bytes
      this.#pump()
    }
  }

  /** Closes the stream after the requested bytes were sent */
  close (): void {
    this.#closing = true
    this.#pump()
  }

  pause (): void {
    if (this.stream.readStatus === 'readable') {
      this.stream.pause()
    }
  }

  resume (): void {
    if (this.stream.readStatus === 'paused') {
      this.stream.resume()
    }
  }

  #pump (): void {
    const { stream } = this

    while (this.#wanted > 0 && stream.writeStatus === 'writable' && !stream.writableNeedsDrain) {
      const size = Math.min(this.#wanted, 10_000)

      this.#wanted -= size
      this.sent += size
      stream.send(Uint8Array.from({ length: size }, (_, i) => byteAt(this.#own, this.sent - size + i)))
    }

    if (this.#closing && this.#wanted === 0 && stream.writeStatus === 'writable') {
      // the stream itself reports an error to the application
      stream.close().catch(() => {})
    }
  }
}

/** Returns a byte of a sequence. It differs from its neighbours, from the next block of 256 bytes, and from the other sequence */
function byteAt (sequence: number, offset: number): number {
  return (offset + (offset >> 8) * 7 + sequence * 101) & 255
}
