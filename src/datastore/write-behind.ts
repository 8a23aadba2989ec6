import pRetry from 'p-retry'
import { sleep } from '../pipeline/clock.ts'
import { toError } from '../pipeline/errors.ts'
import { readRetryDelay, writeRetryDelay } from './retry-delay.ts'
import { settledWithin } from '../pipeline/settled-within.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'

/** Milliseconds that a start and a stop wait for a datastore */
const PATIENCE = 10_000

export interface WriteBehindInit {
  readonly clock: Clock
  readonly log: Logger
  /** What is kept, for the log */
  readonly name: string
  /** Milliseconds from a change until it is written, with all others of that time. 0: at once, without a timer */
  readonly delay: number
  /**
   * Reads what was written. Rejects when that fails: then it is called again later, and nothing is written before it succeeds. Takes over
   * nothing more once the signal has aborted, as this is closed before all is read
   */
  readonly load: (signal: AbortSignal) => Promise<void>
  /** Called once everything is read */
  readonly onLoaded?: () => void
  /** Whether there is something to write */
  readonly isChanged: () => boolean
  /** Writes what has changed. Rejects when that fails: then it is still changed, and written later */
  readonly write: () => Promise<void>
}

/**
 * Decides when what is kept in memory is read from a datastore, and written to it. The datastore may throw, reject and hang. At most one
 * read or write is in flight (a read that hangs is aborted when the store is closed). Failures are retried ever more slowly, and nobody
 * waits for the datastore longer than 10 s. What was never read is never overwritten.
 */
export class WriteBehind {
  readonly #init: WriteBehindInit
  #cancel?: () => void
  #isOpen = false
  #isLoaded = false
  /** Aborts the load that is in flight, or is to be tried again */
  #loading?: AbortController
  #loadError?: unknown
  /** The latest load has ended, or is not waited for any more */
  #ready?: Promise<boolean>
  /** While a write is in flight: whether it succeeds within the time that anybody waits */
  #writing?: Promise<boolean>
  #failedWrites = 0
  #isFinishing = false
  #lastWrite?: Promise<void>
  /** The last write has ended, or there is none */
  readonly #finished = Promise.withResolvers<void>()

  constructor (init: WriteBehindInit) {
    this.#init = init
  }

  /** Whether everything has been read */
  get isLoaded (): boolean {
    return this.#isLoaded
  }

  /** Why not everything has been read. Undefined when it has */
  get loadError (): Error | undefined {
    if (this.#isLoaded) {
      return
    }

    const { name } = this.#init

    return this.#loadError == null
      ? new Error(`The ${name} could not be read yet: the datastore has not answered`)
      : new Error(`The ${name} could not be read from the datastore: ${toError(this.#loadError).message}`, { cause: this.#loadError })
  }

  /** Something has changed: it is written now, or a timer is set where there is none */
  schedule (): void {
    // what was never read is not to be written over
    if (!this.#isOpen || !this.#isLoaded || this.#isFinishing || this.#writing != null || !this.#init.isChanged()) {
      return
    }

    const wait = Math.max(this.#init.delay, this.#failedWrites === 0 ? 0 : writeRetryDelay(this.#failedWrites))

    if (wait === 0) {
      void this.#write()
    } else {
      this.#cancel ??= this.#init.clock.setTimeout(() => {
        this.#cancel = undefined
        void this.#write()
      }, wait)
    }
  }

  /** Reads what was written, once, and writes from now on. Resolves when it is read, has failed once, or 10 s later. Never rejects */
  async open (): Promise<void> {
    this.#isOpen = true
    this.#load()
    await this.#ready
    this.schedule()
  }

  /**
   * Writes what is not written yet; resolves when it is written, or 10 s later. No timer is left, and none is set until it is
   * opened again. Never rejects
   */
  async close (): Promise<void> {
    const { log, name, isChanged } = this.#init
    this.#isOpen = false
    this.#cancel?.()
    this.#cancel = undefined
    await this.#ready

    if (this.#isLoaded) {
      await (this.#isFinishing ? this.finish() : this.#flush())
    } else if (!this.#isOpen) {
      this.#finished.resolve()
      this.#loading?.abort()
      this.#loading = undefined

      if (this.#ready != null && isChanged()) {
        log.error('did not write %s: the datastore has some that could not be read', name)
      }
    }
  }

  /**
   * Writes what is not written yet, and nothing after that: another one keeps the same records from now on. Where not everything is read
   * yet, that is written when it is. Resolves when it is written, or 10 s later. Never rejects
   */
  async finish (): Promise<void> {
    this.#isFinishing = true

    if (this.#isLoaded) {
      this.#writeLast()
    }

    if (this.#isLoaded || this.#isOpen) {
      await settledWithin(this.#finished.promise, PATIENCE, this.#init.clock)
    }
  }

  #writeLast (): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#lastWrite ??= this.#flush()
    this.#finished.resolve(this.#lastWrite)
  }

  async #flush (): Promise<void> {
    // one that has just failed, or hangs, is not tried again
    const isWorking = await (this.#writing ?? true)

    if (isWorking && this.#init.isChanged()) {
      await this.#write()
    }
  }

  /** Reads until that succeeds, or is given up */
  #load (): void {
    if (this.#isLoaded || this.#loading != null) {
      return
    }

    const { signal } = this.#loading = new AbortController()

    void pRetry(async () => {
      const read = this.#read(signal)
      this.#ready = this.#inTime(read, 'could not read %s yet: no answer from the datastore for %d s. They are taken over when they come')
      await read
    }, {
      retries: Infinity,
      // the waits are on the clock
      minTimeout: 0,
      onFailedAttempt: async ({ attemptNumber }) => sleep(readRetryDelay(attemptNumber), this.#init.clock, signal)
    }).catch(() => {})
  }

  /** @throws Error where it fails, or was given up. No TypeError: p-retry would not try again */
  async #read (signal: AbortSignal): Promise<void> {
    const { log, name, load, onLoaded } = this.#init

    try {
      await load(signal)
      signal.throwIfAborted()
      this.#isLoaded = true
      this.#loading = undefined
      this.#loadError = undefined
      onLoaded?.()
    } catch (err) {
      // it was logged that it took too long
      if (!signal.aborted) {
        log.error('could not read %s - %e', name, err)
        this.#loadError = err ?? new Error('no reason was given')
      }

      throw new Error(`Could not read ${name}`, { cause: err })
    }

    if (this.#isFinishing) {
      this.#writeLast()
    } else {
      this.schedule()
    }
  }

  async #write (): Promise<boolean> {
    // one after the other: of two that write the same the later one counts
    if (this.#writing == null) {
      const written = this.#tryWrite()
      this.#writing = this.#inTime(written, 'could not write %s: no answer from the datastore for %d s. Nothing more is written until it answers').then(async isInTime => isInTime && written)
      void written.then(() => {
        this.#writing = undefined
        this.schedule()
      })
    }

    return this.#writing
  }

  /** Resolves to whether it was written. Never rejects */
  async #tryWrite (): Promise<boolean> {
    // all changes of one turn are one write
    await Promise.resolve()

    try {
      await this.#init.write()
      this.#failedWrites = 0

      return true
    } catch (err) {
      this.#init.log.error('could not write %s - %e', this.#init.name, err)
      this.#failedWrites++

      return false
    }
  }

  async #inTime (promise: Promise<unknown>, complaint: string): Promise<boolean> {
    const isInTime = await settledWithin(promise, PATIENCE, this.#init.clock)

    if (!isInTime) {
      this.#init.log.error(complaint, this.#init.name, PATIENCE / 1_000)
    }

    return isInTime
  }
}
