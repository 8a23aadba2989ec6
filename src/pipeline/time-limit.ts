import { TimeoutError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { raceSignal } from 'race-signal'
import type { Clock } from './clock.ts'
import type { ClearableSignal } from 'any-signal'

/** A signal that aborts with outer signals, and at a timeout. Its creator must call `end()`, which removes the listeners */
export class TimeLimit {
  readonly signal: ClearableSignal
  readonly #controller = new AbortController()
  #cancel?: () => void

  constructor (...outer: Array<AbortSignal | null | undefined>) {
    this.signal = anySignal([...outer, this.#controller.signal])
  }

  /** Whether the timeout came before an abort of an outer signal */
  get isOver (): boolean {
    return this.#controller.signal.aborted
  }

  /** Starts the timeout, once. `message` is that of the TimeoutError */
  start (ms: number, clock: Clock, message: string): void {
    this.#cancel ??= clock.setTimeout(() => { this.abort(new TimeoutError(message)) }, ms)
  }

  /** Aborts the signal before the timeout */
  abort (reason: Error): void {
    this.#controller.abort(reason)
  }

  end (): void {
    this.#cancel?.()
    this.signal.clear()
  }
}

/** Calls a function with a signal that aborts with a TimeoutError after `ms` milliseconds, and with any of the outer signals */
export async function within<T> (ms: number, clock: Clock, message: string, outer: Array<AbortSignal | null | undefined>, fn: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const time = new TimeLimit(...outer)
  time.start(ms, clock, message)

  try {
    return await fn(time.signal)
  } finally {
    time.end()
  }
}

/** Waits at most `ms` milliseconds for a promise. Resolves to whether the promise has settled. Never rejects */
export async function settledWithin (promise: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  const settled = promise.then(() => true, () => true)

  return within(ms, clock, `Not settled after ${ms} ms`, [], async signal => raceSignal(settled, signal)).catch(() => false)
}
