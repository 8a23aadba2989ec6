import type { Connection, Logger } from '@libp2p/interface'
import type { OpenConnectionOptions } from '@libp2p/interface-internal'

/** One who waits for a dial. Its signal and its timeout are its own: when it leaves, the others stay */
export class Caller {
  readonly promise: Promise<Connection>
  readonly signal?: AbortSignal
  readonly #onProgress?: (event: any) => void
  readonly #onAbort: () => void
  readonly #log: Logger
  #resolve!: (connection: Connection) => void
  #reject!: (error: unknown) => void
  #cancelTimeout?: () => void

  constructor ({ signal, onProgress }: OpenConnectionOptions, log: Logger, onLeave: (caller: Caller) => void) {
    this.signal = signal
    this.#log = log
    this.#onProgress = onProgress
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#onAbort = () => {
      this.reject(signal?.reason)
      onLeave(this)
    }
    signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** What ends it, when it has no signal of its own */
  expireWith (cancelTimeout: () => void): void {
    this.#cancelTimeout = cancelTimeout
  }

  progress (event: any): void {
    try {
      this.#onProgress?.(event)
    } catch (err) {
      this.#log.error('a progress listener failed - %e', err)
    }
  }

  resolve (connection: Connection): void {
    this.#clear()
    this.#resolve(connection)
  }

  reject (error: unknown): void {
    this.#clear()
    this.#reject(error)
  }

  #clear (): void {
    this.signal?.removeEventListener('abort', this.#onAbort)
    this.#cancelTimeout?.()
  }
}
