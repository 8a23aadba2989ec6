import { TimeoutError } from '@libp2p/interface'
import { raceSignal } from 'race-signal'
import { within } from '../../pipeline/time-limit.ts'
import { isTimeout } from '../attempts/outcome-recorder.ts'
import type { Clock } from '../../pipeline/clock.ts'

/** Delays dials until the records that they depend on are read. Initially open */
export class DialBarrier {
  readonly #waiting = new Set<() => void>()
  #whyClosed?: () => Error | undefined

  get isOpen (): boolean {
    return this.#whyClosed == null
  }

  /**
   * Delays dials that start from now on. Running dials are not affected
   *
   * @param why returns what failed while the records were read, if anything did. Becomes part of a dial's timeout error
   */
  close (why: () => Error | undefined): void {
    this.#whyClosed = why
  }

  /** Starts the delayed dials */
  open (): void {
    this.#whyClosed = undefined
    this.#waiting.forEach(start => { start() })
  }

  /**
   * Resolves when dials may start. An abort removes the waiting dial
   *
   * @throws the signal's reason when the signal aborts first
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

  /** Returns the reason why a caller leaves. A timeout that the barrier has caused is replaced with an error that says so */
  explain (reason: unknown): unknown {
    const why = isTimeout(reason) ? this.#whyClosed?.() : undefined

    return why == null ? reason : Object.assign(new TimeoutError(`The dial timed out before it started: ${why.message}`), { cause: why })
  }
}
