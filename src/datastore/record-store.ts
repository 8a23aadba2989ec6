import { sleep } from '../pipeline/clock.ts'
import { toError } from '../pipeline/errors.ts'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { settledWithin } from '../pipeline/settled-within.ts'
import { Attempts, PATIENCE } from './attempts.ts'
import { RecordReader } from './record-reader.ts'
import { RecordWriter } from './record-writer.ts'
import type { RecordsInit } from './records-init.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Datastore } from 'interface-datastore'

/** Milliseconds between two attempts at most */
const MAX_READ_DELAY = 30_000
const MAX_WRITE_DELAY = 300_000

export interface RecordStoreInit extends RecordsInit {
  readonly clock: Clock
  /** Milliseconds from a change until it is written, with all others of that time. 0: at once, without a timer */
  readonly delay: number
  /** Called after each attempt to read */
  readonly onRead?: () => void
}

/** The last writes of stores that were finished. Other stores of the datastore read after them */
const LAST_WRITES = new WeakMap<Datastore, Promise<unknown>>()

/** The time from `open()` to `close()` */
interface Session {
  readonly closing: AbortController
  /** Aborts the attempt to read that is in flight */
  readonly reading: AbortController
  /** Resolves when the first attempt to read has ended, 10 s after its start at the latest */
  readonly opened: Promise<unknown>
  readonly onRead: () => void
}

/**
 * Keeps records in a datastore, which may throw, reject and hang. Nothing is written before all is read: what was never read is never
 * overwritten
 */
export class RecordStore {
  readonly #init: RecordStoreInit
  readonly #reader: RecordReader
  readonly #writer: RecordWriter
  readonly #attempts: Attempts
  #session?: Session
  /** All sessions until now, and their last writes, one after the other: one attempt is in flight at most */
  #work: Promise<unknown> = Promise.resolve()
  #onChange?: () => void
  #loadError?: Error
  #lastWrite?: Promise<void>

  constructor (init: RecordStoreInit) {
    this.#init = init
    this.#loadError = new Error(`The ${init.title} could not be read yet: the datastore has not answered`)
    this.#reader = new RecordReader(init)
    this.#writer = new RecordWriter(init, this.#reader)
    this.#attempts = new Attempts(init.clock, init.log)
  }

  /** Whether all records have been read */
  get isLoaded (): boolean {
    return this.#loadError == null
  }

  /** Why not all records have been read. Undefined when they have */
  get loadError (): Error | undefined {
    return this.#loadError
  }

  /** Writes a record after the delay */
  changed (name: string): void {
    if (this.#lastWrite == null) {
      this.#writer.add(name)
      this.#onChange?.()
    }
  }

  /** Reads all records, and writes from now on. Resolves when they are read, reading has failed once, or 10 s later. Never rejects */
  async open (): Promise<void> {
    if (this.#session == null) {
      const { clock, datastore } = this.#init
      const { promise, resolve } = Promise.withResolvers<void>()
      const session = this.#session = { closing: new AbortController(), reading: new AbortController(), opened: this.isLoaded ? Promise.resolve() : settledWithin(promise, PATIENCE, clock), onRead: resolve }
      this.#work = Promise.all([this.#work, LAST_WRITES.get(datastore)]).then(async () => this.#run(session)).catch(() => {})
    }

    await this.#session.opened
  }

  /**
   * Writes what is not written yet. Resolves when that is done, or the datastore has not answered for 10 s. No timer is left, and none is
   * set until the store is opened again. Never rejects
   */
  async close (): Promise<void> {
    return this.#lastWrite ?? this.#close()
  }

  /** Writes what is not written yet, and nothing after that: another store keeps the same records from now on, and reads them then */
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
    const isWorking = await this.#attempts.latest
    session?.reading.abort()

    if (!this.isLoaded && session != null && this.#writer.isChanged) {
      log.error('did not write %s: the datastore has some that could not be read', title)
    }

    // a write that has just failed, or hangs, is not repeated
    if (this.isLoaded && isWorking) {
      this.#work = this.#work.then(async () => this.#attempts.once(`write ${title}`, this.#write)).catch(() => {})
      await settledWithin(this.#work, PATIENCE, clock)
    }
  }

  /** @throws AbortError when the session is closed */
  async #run (session: Session): Promise<void> {
    const { clock, delay, title } = this.#init
    const { signal } = session.closing

    if (!this.isLoaded) {
      await this.#attempts.untilDone(`read ${title}`, async () => this.#read(session), MAX_READ_DELAY, signal)
    }

    while (!signal.aborted) {
      if (!this.#writer.isChanged) {
        await settledOrAborted(new Promise<void>(resolve => { this.#onChange = resolve }), signal)
      }

      if (delay > 0) {
        await sleep(delay, clock, signal)
      }

      signal.throwIfAborted()
      await this.#attempts.untilDone(`write ${title}`, this.#write, MAX_WRITE_DELAY, signal)
    }
  }

  async #read ({ reading, onRead }: Session): Promise<void> {
    try {
      await this.#reader.readAll(reading.signal)
      this.#loadError = undefined
    } catch (err) {
      this.#loadError = new Error(`The ${this.#init.title} could not be read from the datastore: ${toError(err).message}`, { cause: err })
      throw err
    } finally {
      this.#init.onRead?.()
      onRead()
    }
  }

  readonly #write = async (): Promise<void> => this.#writer.write()
}
