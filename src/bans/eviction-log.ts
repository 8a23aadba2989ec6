import { toText } from './target.ts'
import type { Ban } from './bans.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'

/** Milliseconds between two log entries: importing a list can evict one ban with each new one */
const INTERVAL = 60_000

/** Logs evicted bans: the first one at once, then once a minute the number of others */
export class EvictionLog {
  readonly #clock: Clock
  readonly #log: Logger
  #unlogged = 0
  #cancel?: () => void

  constructor (clock: Clock, log: Logger) {
    this.#clock = clock
    this.#log = log
  }

  evicted ({ target }: Ban): void {
    if (this.#cancel != null) {
      this.#unlogged++
    } else {
      this.#log.error('evicted the ban of %s: there are too many bans, and it ends first', toText(target))
      this.#wait()
    }
  }

  /** Logs the remaining number, and cancels the timer */
  close (): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#logCount()
  }

  #wait (): void {
    this.#cancel = this.#clock.setTimeout(() => {
      this.#cancel = undefined

      if (this.#unlogged > 0) {
        this.#logCount()
        this.#wait()
      }
    }, INTERVAL)
  }

  #logCount (): void {
    if (this.#unlogged > 0) {
      this.#log.error('evicted %d more bans: there are too many, and they end first', this.#unlogged)
      this.#unlogged = 0
    }
  }
}
