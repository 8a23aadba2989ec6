import type { Stream, StreamCloseEvent } from '@libp2p/interface'

/** Sends the bytes of a known sequence and reads those of the other end's, as an application that heeds backpressure */
export class Talker {
  readonly stream: Stream
  sent = 0
  received = 0
  /** The first byte that is not what the other end sent there */
  wrong?: number
  ended = false
  closed?: { error?: Error }
  readonly #own: number
  readonly #others: number
  #wanted = 0
  #closing = false

  /** @param own - which of the two sequences this end sends */
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

  /** Nothing more is sent than what was asked for */
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
      // who closes hears of an error from the stream
      stream.close().catch(() => {})
    }
  }
}

/** Changes from one byte, and from one block of 256, to the next, and differs in each direction */
function byteAt (sequence: number, offset: number): number {
  return (offset + (offset >> 8) * 7 + sequence * 101) & 255
}
