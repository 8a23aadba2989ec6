import { lowest } from '../pipeline/extremes.ts'
import { NOT_DUE } from './entry.ts'
import type { PeerEntry } from './entry.ts'
import type { Clock } from '../pipeline/clock.ts'

/** What ends together is looked at together */
const BUCKET = 60_000

/**
 * Tells when an entry is to be looked at, a minute or less after something of it has ended. Nothing else is touched, and while nothing
 * can end there is no timer.
 */
export class Expiry {
  readonly #clock: Clock
  readonly #onDue: (entry: PeerEntry) => void
  readonly #buckets = new Map<number, Set<PeerEntry>>()
  #isRunning = false
  #next = Infinity
  #cancel?: () => void

  constructor (clock: Clock, onDue: (entry: PeerEntry) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  start (): void {
    this.#isRunning = true
    this.#wait()
  }

  stop (): void {
    this.#isRunning = false
    this.#sleep()
  }

  /** Has to be called when something of an entry can end earlier than before */
  watch (entry: PeerEntry): void {
    const due = Math.ceil(entry.earliest / BUCKET)

    // where it ends later it is found alive, and looked at again
    if (due >= entry.due) {
      return
    }

    this.forget(entry)
    const bucket = this.#buckets.get(due)

    if (bucket == null) {
      this.#buckets.set(due, new Set([entry]))
    } else {
      bucket.add(entry)
    }

    entry.due = due

    if (due < this.#next) {
      this.#wait()
    }
  }

  forget (entry: PeerEntry): void {
    const bucket = this.#buckets.get(entry.due)

    if (bucket?.delete(entry) === true && bucket.size === 0) {
      this.#buckets.delete(entry.due)
    }

    entry.due = NOT_DUE

    if (this.#buckets.size === 0) {
      this.#sleep()
    }
  }

  #wait (): void {
    this.#sleep()
    this.#next = lowest(this.#buckets.keys())

    if (this.#isRunning && this.#next < Infinity) {
      this.#cancel = this.#clock.setTimeout(() => { this.#sweep() }, Math.max(0, this.#next * BUCKET - this.#clock.now()))
    }
  }

  #sleep (): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#next = Infinity
  }

  #sweep (): void {
    const now = this.#clock.now()

    for (const [due, entries] of this.#buckets) {
      if (due * BUCKET <= now) {
        this.#buckets.delete(due)

        for (const entry of entries) {
          entry.due = NOT_DUE
          this.#onDue(entry)
          this.watch(entry)
        }
      }
    }

    this.#wait()
  }
}
