import { InvalidFrameError } from './errors.ts'

/** Counts the bytes of each direction of a stream, and checks what the remote says about them */
export class ByteCounters {
  sent = 0
  finSent = false
  finAcked = false
  finReceived = false
  #received = 0

  /** Whether both ends have sent everything, and this end knows that both have received everything */
  get complete (): boolean {
    return this.finAcked && this.finReceived
  }

  onData (bytes: number): void {
    if (this.finReceived) {
      throw new InvalidFrameError('Data after its end')
    }

    this.#received += bytes
  }

  onFin (offset: number): void {
    if (this.finReceived) {
      throw new InvalidFrameError('A second end of the data')
    }

    this.checkOffset(offset)
    this.finReceived = true
  }

  onFinAck (): void {
    if (!this.finSent || this.finAcked) {
      throw new InvalidFrameError('An answer to an end that was not sent')
    }

    this.finAcked = true
  }

  checkOffset (offset: number): void {
    if (offset !== this.#received) {
      throw new InvalidFrameError(`The other end has sent ${offset} bytes, ${this.#received} have arrived`)
    }
  }
}
