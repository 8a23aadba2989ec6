import pRetry from 'p-retry'
import { doubledDelay, sleep } from '../pipeline/clock.ts'
import { toError } from '../pipeline/errors.ts'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { settledWithin } from '../pipeline/time-limit.ts'
import { StoredRecords } from './stored-records.ts'
import type { RecordsInit } from './records-init.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Datastore } from 'interface-datastore'

/** Milliseconds that a caller waits for a datastore */
const OPERATION_TIMEOUT = 10_000

/** Milliseconds between a failure and the next attempt. Each further failure doubles them */
const FIRST_DELAY = 1_000

/** The maximum number of milliseconds between two attempts */
const MAX_READ_DELAY = 30_000
const MAX_WRITE_DELAY = 300_000

export interface RecordStoreInit extends RecordsInit {
  readonly clock: Clock
  /** Milliseconds from a change to the write, which includes all other changes until then. 0: at once, without a timer */
  readonly delay: number
  /** Called after each attempt to read */
  readonly onRead?: () => void
}

/** The last writes of finished stores. Another store of the same datastore reads after them */
const LAST_WRITES = new WeakMap<Datastore, Promise<unknown>>()

/** The state from `open()` to `close()` */
interface Session {
  readonly closing: AbortController
  /** Aborts the attempt to read in flight */
  readonly reading: AbortController
  /** Resolves after the first attempt to read, at the latest after 10 s */
  readonly opened: Promise<unknown>
  readonly onRead: () => void
}

/**
 * Stores records in a datastore, which may throw, reject and hang. It writes only after it has read all records, so that it never overwrites one that it
 * has not read
 */
export class RecordStore {
  readonly #init: RecordStoreInit
  readonly #records: StoredRecords
  #session?: Session
  /** The chain of all sessions and their last writes: at most one operation is in flight */
  #work: Promise<unknown> = Promise.resolve()
  /** Resolves to whether the operation in flight succeeds within 10 s of its start, and to true if none is in flight. Never rejects */
  #latest: Promise<boolean> = Promise.resolve(true)
  #onChange?: () => void
  /** Why some records have not been read. Undefined: all have */
  loadError?: Error
  #lastWrite?: Promise<void>

  constructor (init: RecordStoreInit) {
    this.#init = init
    this.loadError = new Error(`The ${init.title} could not be read yet: the datastore has not answered`)
    this.#records = new StoredRecords(init)
  }

  /** Whether all records have been read */
  get isLoaded (): boolean {
    return this.loadError == null
  }

  /** Writes a record after the delay */
  changed (name: string): void {
    if (this.#lastWrite == null) {
      this.#records.add(name)
      this.#onChange?.()
    }
  }

  /** Reads all records, and writes changes from then on. Resolves when they are read, at the first failure, or after 10 s. Never rejects */
  async open (): Promise<void> {
    if (this.#session == null) {
      const { clock, datastore } = this.#init
      const { promise, resolve } = Promise.withResolvers<void>()
      const session = this.#session = { closing: new AbortController(), reading: new AbortController(), opened: this.isLoaded ? Promise.resolve() : settledWithin(promise, OPERATION_TIMEOUT, clock), onRead: resolve }
      this.#work = Promise.all([this.#work, LAST_WRITES.get(datastore)]).then(async () => this.#run(session)).catch(() => {})
    }

    await this.#session.opened
  }

  /**
   * Writes the remaining changes. Resolves when that is done, or after 10 s without an answer. Leaves no timer until the store is opened again. Never
   * rejects
   */
  async close (): Promise<void> {
    return this.#lastWrite ?? this.#close()
  }

  /** Writes the remaining changes for the last time: another store takes over the records, and reads them after that */
  finish (): void {
    const { datastore } = this.#init
    this.#lastWrite ??= this.#close()
    LAST_WRITES.set(datastore, Promise.all([LAST_WRITES.get(datastore), this.#lastWrite]))
  }

  async #close (): Promise<void> {
    const { clock, log, title } = this.#init
    const session = this.#session
    this.#session = undefined
    session?.closing.abort()
    await session?.opened
    const isWorking = await this.#latest
    session?.reading.abort()

    if (!this.isLoaded && session != null && this.#records.isChanged) {
      log.error('did not write %s: the datastore has some that could not be read', title)
    }

    // no further write if one has just failed, or hangs
    if (this.isLoaded && isWorking) {
      this.#work = this.#work.then(async () => this.#once(`write ${title}`, this.#write)).catch(() => {})
      await settledWithin(this.#work, OPERATION_TIMEOUT, clock)
    }
  }

  /** @throws AbortError when the session is closed */
  async #run (session: Session): Promise<void> {
    const { clock, delay, title } = this.#init
    const { signal } = session.closing

    if (!this.isLoaded) {
      await this.#untilDone(`read ${title}`, async () => this.#read(session), MAX_READ_DELAY, signal)
    }

    while (!signal.aborted) {
      if (!this.#records.isChanged) {
        await settledOrAborted(new Promise<void>(resolve => { this.#onChange = resolve }), signal)
      }

      if (delay > 0) {
        await sleep(delay, clock, signal)
      }

      signal.throwIfAborted()
      await this.#untilDone(`write ${title}`, this.#write, MAX_WRITE_DELAY, signal)
    }
  }

  async #read ({ reading, onRead }: Session): Promise<void> {
    try {
      await this.#records.readAll(reading.signal)
      this.loadError = undefined
    } catch (err) {
      this.loadError = new Error(`The ${this.#init.title} could not be read from the datastore: ${toError(err).message}`, { cause: err })
      throw err
    } finally {
      this.#init.onRead?.()
      onRead()
    }
  }

  readonly #write = async (): Promise<void> => this.#records.write()

  /**
   * Runs an operation once
   *
   * @param act the operation, for the log: `read bans`
   * @throws Error if it fails, but never a TypeError, which p-retry would not retry
   */
  async #once (act: string, attempt: () => Promise<void>): Promise<void> {
    const running = attempt()
    const latest = this.#latest = this.#inTime(act, running)

    try {
      await running
    } catch (err) {
      // no error for a read that was cancelled
      if (toError(err).name !== 'AbortError') {
        this.#init.log.error('could not %s - %e', act, err)
      }

      throw new Error(`Could not ${act}`, { cause: err })
    } finally {
      // `#latest` stays as it is when a later operation is in flight
      this.#latest = this.#latest === latest ? Promise.resolve(true) : this.#latest
    }
  }

  /**
   * Retries an operation until it succeeds, after 1, 2, 4, … s
   *
   * @param maxDelay caps the milliseconds between two attempts
   * @throws the reason of the signal if it aborts before the next attempt
   */
  async #untilDone (act: string, attempt: () => Promise<void>, maxDelay: number, signal: AbortSignal): Promise<void> {
    await pRetry(async () => this.#once(act, attempt), {
      retries: Infinity,
      // p-retry must not wait: sleep() below waits on the clock
      minTimeout: 0,
      onFailedAttempt: async ({ attemptNumber }) => sleep(Math.min(maxDelay, doubledDelay(FIRST_DELAY, attemptNumber - 1)), this.#init.clock, signal)
    })
  }

  /** @param end milliseconds from the start of the operation to the end of this wait */
  async #inTime (act: string, running: Promise<void>, wait: number = OPERATION_TIMEOUT, end: number = wait): Promise<boolean> {
    const { clock, log } = this.#init
    const isInTime = await settledWithin(running, wait, clock)

    if (!isInTime) {
      log.error('could not %s within %d s: the datastore has not answered. No other attempt is made before', act, end / 1_000)

      // a read is reported as long as it hangs, and ends with `close()`. A write may never end
      if (!this.isLoaded) {
        void this.#inTime(act, running, MAX_READ_DELAY, end + MAX_READ_DELAY)
      }
    }

    return isInTime && running.then(() => true, () => false)
  }
}
