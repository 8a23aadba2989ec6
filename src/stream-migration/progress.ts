import { InvalidFrameError } from './errors.ts'

/** How far each direction of a stream is. What the other end says of it has to agree */
export class Progress {
  /** Bytes of data */
  sent = 0
  finSent = false
  finAcked = false
  finReceived = false
  #received = 0

  /** Both ends have sent all, and this one knows that both have all */
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
