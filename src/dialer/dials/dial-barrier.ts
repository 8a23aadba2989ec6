import { TimeoutError } from '@libp2p/interface'
import { raceSignal } from 'race-signal'
import { within } from '../../pipeline/time-limit.ts'
import { isTimeout } from '../attempts/outcome-recorder.ts'
import type { Clock } from '../../pipeline/clock.ts'

/** Makes dials wait before they start, until what they depend on has been read. Open at first */
export class DialBarrier {
  readonly #waiting = new Set<() => void>()
  #whyClosed?: () => Error | undefined

  get isOpen (): boolean {
    return this.#whyClosed == null
  }

  /**
   * Dials that start from now on wait. Those that run are not affected
   *
   * @param why returns what went wrong with what is waited for, if anything did: for the error of a dial that runs out of time
   */
  close (why: () => Error | undefined): void {
    this.#whyClosed = why
  }

  /** Starts the dials that wait */
  open (): void {
    this.#whyClosed = undefined
    this.#waiting.forEach(start => { start() })
  }

  /**
   * Resolves when dials may start. Nothing is left of one that is aborted
   *
   * @throws the signal's reason when that aborts first
   */
  async pass (signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()

    if (this.isOpen) {
      return
    }

    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)

    try {
      await raceSignal(promise, signal)
    } finally {
      this.#waiting.delete(resolve)
    }
  }

  /** Resolves to whether dials may start within `ms` milliseconds, and before the signal aborts. Never rejects */
  async opensWithin (ms: number, clock: Clock, signal?: AbortSignal): Promise<boolean> {
    return this.isOpen || within(ms, clock, `No start within ${ms} ms`, [signal], async either => this.pass(either)).then(() => true, () => false)
  }

  /** Returns the reason why a caller leaves. Where it has run out of time because of what dials wait for, the error says so */
  explain (reason: unknown): unknown {
    const why = isTimeout(reason) ? this.#whyClosed?.() : undefined

    return why == null ? reason : Object.assign(new TimeoutError(`The dial timed out before it started: ${why.message}`), { cause: why })
  }
}
