import { TimeoutError } from '@libp2p/interface'
import { raceSignal } from 'race-signal'
import { within } from '../../pipeline/time-limit.ts'
import { isTimeout } from '../attempts/outcome.ts'
import type { Clock } from '../../pipeline/clock.ts'

/** Delays the dials that start while the records that they depend on are unread */
export class DialBarrier {
  readonly #waiting = new Set<() => void>()
  readonly #why: () => Error | undefined

  /** @param why returns what failed while the records were read, if anything did. Becomes part of a dial's timeout error */
  constructor (why: () => Error | undefined) {
    this.#why = why
  }

  open (): void {
    this.#waiting.forEach(start => { start() })
  }

  /**
   * Resolves when the barrier opens. An abort removes the waiting dial
   *
   * @throws the signal's reason when the signal aborts first
   */
  async pass (signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)

    try {
      await raceSignal(promise, signal)
    } finally {
      this.#waiting.delete(resolve)
    }
  }

  /** Resolves to whether the barrier opens within `ms` milliseconds, and before the signal aborts. Never rejects */
  async opensWithin (ms: number, clock: Clock, signal?: AbortSignal): Promise<boolean> {
    return within(ms, clock, `No start within ${ms} ms`, [signal], async either => this.pass(either)).then(() => true, () => false)
  }

  /** Returns the reason why a caller leaves. A timeout that the barrier has caused is replaced with an error that says so */
  explain (reason: unknown): unknown {
    const why = isTimeout(reason) ? this.#why() : undefined

    return why == null ? reason : Object.assign(new TimeoutError(`The dial timed out before it started: ${why.message}`), { cause: why })
  }
}
