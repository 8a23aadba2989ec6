import { AbstractStream } from '@libp2p/utils'
import type { AbstractStreamInit, SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

export type Message = { id: string } & (
  | { type: 'open' | 'fin' | 'reset' | 'dead' }
  | { type: 'data', data: Uint8Array }
  | { type: 'window', bytes: number }
)

export interface WireStreamInit extends AbstractStreamInit {
  window: number
  sendMessage: (message: Message) => void
}

/** A stream as in yamux: a paused end grants no more bytes, and cannot tell the other end to stop */
export class WireStream extends AbstractStream {
  readonly #sendMessage: (message: Message) => void
  #window: number
  #owed = 0
  #granting = true

  constructor ({ window, sendMessage, ...init }: WireStreamInit) {
    super(init)
    this.#window = window
    this.#sendMessage = sendMessage
  }

  onMessage (message: Message): void {
    if (message.type === 'data') {
      this.#owed += message.data.byteLength
      this.onData(message.data)

      this.#grant()
    } else if (message.type === 'window') {
      this.#window += message.bytes

      if (this.writableNeedsDrain) {
        this.onMuxerDrain()
      }
    } else if (message.type === 'fin') {
      this.onRemoteCloseWrite()
    } else {
      this.onRemoteReset()
    }
  }

  sendData (data: Uint8ArrayList): SendResult {
    const sentBytes = Math.min(this.#window, data.byteLength)

    if (sentBytes > 0) {
      this.#window -= sentBytes
      this.#sendMessage({ id: this.id, type: 'data', data: data.slice(0, sentBytes) })
    }

    return { sentBytes, canSendMore: sentBytes === data.byteLength }
  }

  sendReset (): void {
    this.#sendMessage({ id: this.id, type: 'reset' })
  }

  async sendCloseWrite (): Promise<void> {
    this.#sendMessage({ id: this.id, type: 'fin' })
  }

  async sendCloseRead (): Promise<void> {}

  sendPause (): void {
    this.#granting = false
  }

  sendResume (): void {
    this.#granting = true
    this.#grant()
  }

  #grant (): void {
    if (this.#granting && this.#owed > 0) {
      this.#sendMessage({ id: this.id, type: 'window', bytes: this.#owed })
      this.#owed = 0
    }
  }
}
