import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'

/** Milliseconds between two log entries */
const INTERVAL = 60_000

/** Logs at once, and then every minute, that the node dials without the bans of its datastore */
export class UnreadReminder {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #why: () => Error | undefined
  #cancel?: () => void

  /** @param why returns why the bans could not be read. Undefined: they were read */
  constructor (clock: Clock, log: Logger, why: () => Error | undefined) {
    this.#clock = clock
    this.#log = log
    this.#why = why
  }

  /** Starts the reminder. Repeated calls have no effect */
  start (): void {
    const why = this.#cancel == null ? this.#why() : undefined

    if (why != null) {
      this.#log.error('the node dials without the bans of its datastore - %e', why)
      this.#cancel = this.#clock.setTimeout(() => {
        this.#cancel = undefined
        this.start()
      }, INTERVAL)
    }
  }

  /** Cancels the timer */
  stop (): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
