import pRetry from 'p-retry'
import { doubledDelay, sleep } from '../pipeline/clock.ts'
import { toError } from '../pipeline/errors.ts'
import { settledWithin } from '../pipeline/time-limit.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'

/** Milliseconds that a caller waits for a datastore */
export const OPERATION_TIMEOUT = 10_000

/** Milliseconds between a failure and the next attempt. Each further failure doubles them */
const FIRST_DELAY = 1_000

/** Runs operations on a datastore, which may throw, reject and hang. Logs each failure */
export class DatastoreOperations {
  /** Resolves to whether the operation in flight succeeds within 10 s of its start, and to true if none is in flight. Never rejects */
  latest: Promise<boolean> = Promise.resolve(true)
  readonly #clock: Clock
  readonly #log: Logger

  constructor (clock: Clock, log: Logger) {
    this.#clock = clock
    this.#log = log
  }

  /**
   * Runs an operation once
   *
   * @param act the operation, for the log: `read bans`
   * @throws Error if it fails, but never a TypeError, which p-retry would not retry
   */
  async once (act: string, attempt: () => Promise<void>): Promise<void> {
    const running = attempt()
    const latest = this.latest = this.#inTime(act, running)

    try {
      await running
    } catch (err) {
      // no error for a read that was cancelled
      if (toError(err).name !== 'AbortError') {
        this.#log.error('could not %s - %e', act, err)
      }

      throw new Error(`Could not ${act}`, { cause: err })
    } finally {
      // unless a later operation is in flight
      this.latest = this.latest === latest ? Promise.resolve(true) : this.latest
    }
  }

  /**
   * Retries an operation until it succeeds, after 1, 2, 4, … s
   *
   * @param maxDelay caps the milliseconds between two attempts
   * @throws the reason of the signal if it aborts before the next attempt
   */
  async untilDone (act: string, attempt: () => Promise<void>, maxDelay: number, signal: AbortSignal): Promise<void> {
    await pRetry(async () => this.once(act, attempt), {
      retries: Infinity,
      // p-retry must not wait: sleep() below waits on the clock
      minTimeout: 0,
      onFailedAttempt: async ({ attemptNumber }) => sleep(Math.min(maxDelay, doubledDelay(FIRST_DELAY, attemptNumber - 1)), this.#clock, signal)
    })
  }

  async #inTime (act: string, running: Promise<void>): Promise<boolean> {
    const isInTime = await settledWithin(running, OPERATION_TIMEOUT, this.#clock)

    if (!isInTime) {
      this.#log.error('could not %s within %d s: the datastore has not answered. No other attempt is made before', act, OPERATION_TIMEOUT / 1_000)
    }

    return isInTime && running.then(() => true, () => false)
  }
}
