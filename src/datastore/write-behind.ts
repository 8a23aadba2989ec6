import type { Clock } from '../pipeline/clock.ts'

export interface WriteBehindInit {
  readonly clock: Clock
  /** Milliseconds from a change until it is written, with all others of that time */
  readonly delay: number
  /** Reads what was written. Never rejects */
  readonly load: () => Promise<void>
  /** Whether there is something to write */
  readonly isChanged: () => boolean
  /** Writes what has changed. Never rejects */
  readonly write: () => Promise<void>
}

/** When what is kept in memory is read from a datastore, and written to it */
export class WriteBehind {
  readonly #init: WriteBehindInit
  #cancel?: () => void
  #isOpen = false
  #loaded?: Promise<void>
  #written: Promise<void> = Promise.resolve()

  constructor (init: WriteBehindInit) {
    this.#init = init
  }

  /** Something has changed: a timer is set, where there is none */
  schedule (): void {
    const { clock, delay, isChanged } = this.#init

    if (this.#isOpen && isChanged()) {
      this.#cancel ??= clock.setTimeout(() => {
        this.#cancel = undefined
        void this.#write()
      }, delay)
    }
  }

  /** Reads what was written, once, and writes from now on. Never rejects */
  async open (): Promise<void> {
    this.#isOpen = true
    await (this.#loaded ??= this.#init.load())
    this.schedule()
  }

  /** Writes what is not written yet. No timer is left, and none is set until it is opened again. Never rejects */
  async close (): Promise<void> {
    this.#isOpen = false
    this.#cancel?.()
    this.#cancel = undefined

    // what was never read is not to be written over
    if (this.#loaded != null) {
      await this.#loaded
      await this.#write()
    }
  }

  async #write (): Promise<void> {
    // one after the other: of two that write the same the later one counts
    this.#written = this.#written.then(this.#init.write)

    return this.#written
  }
}
