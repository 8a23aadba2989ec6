import type { Connection, Logger } from '@libp2p/interface'
import type { OpenConnectionOptions } from '@libp2p/interface-internal'

/** One who waits for a dial. Its signal and its timeout are its own: when it leaves, the others stay */
export class Caller {
  readonly promise: Promise<Connection>
  readonly signal?: AbortSignal
  readonly #onProgress?: (event: any) => void
  readonly #log: Logger
  #resolve!: (connection: Connection) => void
  #reject!: (error: unknown) => void
  #onAbort?: () => void
  #cancelTimeout?: () => void

  constructor ({ signal, onProgress }: OpenConnectionOptions, log: Logger) {
    this.signal = signal
    this.#log = log
    this.#onProgress = onProgress
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Ends its wait when its own signal aborts */
  leaveWith (onLeave: (caller: Caller, reason: unknown) => void): void {
    const { signal } = this

    if (signal != null) {
      this.#onAbort = () => {
        this.reject(signal.reason)
        onLeave(this, signal.reason)
      }
      signal.addEventListener('abort', this.#onAbort, { once: true })
    }
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
    if (this.#onAbort != null) {
      this.signal?.removeEventListener('abort', this.#onAbort)
    }

    this.#cancelTimeout?.()
  }
}
