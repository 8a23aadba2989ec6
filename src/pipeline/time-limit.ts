import { TimeoutError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import type { Clock } from './clock.ts'
import type { ClearableSignal } from 'any-signal'

/** A signal that aborts with others, and when some time is over. Whoever makes one ends it: its listeners would stay */
export class TimeLimit {
  readonly signal: ClearableSignal
  readonly #controller = new AbortController()
  #cancel?: () => void

  constructor (...outer: Array<AbortSignal | null | undefined>) {
    this.signal = anySignal([...outer, this.#controller.signal])
  }

  /** Whether the time was over before an outer signal aborted */
  get isOver (): boolean {
    return this.#controller.signal.aborted
  }

  /** Starts the time, once. The message is that of the TimeoutError */
  start (ms: number, clock: Clock, message: string): void {
    this.#cancel ??= clock.setTimeout(() => { this.abort(new TimeoutError(message)) }, ms)
  }

  /** Ends the time before it is over */
  abort (reason: Error): void {
    this.#controller.abort(reason)
  }

  end (): void {
    this.#cancel?.()
    this.signal.clear()
  }
}

/**
 * Calls a function with a signal that aborts after `ms` milliseconds, with a TimeoutError of this message, and with any of the outer signals
 *
 * @throws what the function throws
 */
export async function within<T> (ms: number, clock: Clock, message: string, outer: Array<AbortSignal | null | undefined>, fn: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const time = new TimeLimit(...outer)
  time.start(ms, clock, message)

  try {
    return await fn(time.signal)
  } finally {
    time.end()
  }
}
