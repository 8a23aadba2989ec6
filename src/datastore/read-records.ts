import { abortable } from '../pipeline/abortable.ts'
import { settledOrAborted } from '../pipeline/settled-or-aborted.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore, Key, Pair } from 'interface-datastore'

export interface Unreadable {
  readonly count: number
  /** The key of the first of them */
  readonly first?: string
}

/** There are more records than there can be. To read them again changes nothing */
export class TooManyRecordsError extends Error {
  static override readonly name = 'TooManyRecordsError'

  constructor (message: string) {
    super(message)
    this.name = 'TooManyRecordsError'
  }
}

/**
 * Returns the value of a key, undefined where it has none
 *
 * @param signal - ends it also where the datastore hangs
 * @throws what the datastore throws; the signal's reason when that aborts
 */
export async function readRecord (datastore: Datastore, key: Key, signal: AbortSignal): Promise<Uint8Array | undefined> {
  // what `get` throws for a key without a value is up to the datastore
  if (await settledOrAborted(datastore.has(key, { signal }), signal)) {
    return settledOrAborted(datastore.get(key, { signal }), signal)
  }
}

/**
 * Hands each record under a prefix to `read`, as soon as it comes
 *
 * @param max - how many records there can be: a datastore that gives more would keep the node from all else
 * @param signal - ends it also where the datastore hangs
 * @returns those that `read` threw for
 * @throws what the datastore throws; the signal's reason when that aborts; TooManyRecordsError after `max` of them
 */
export async function readRecords (datastore: Datastore, prefix: string, max: number, read: (key: string, value: Uint8Array) => void, signal: AbortSignal): Promise<Unreadable> {
  let total = 0
  let count = 0
  let first: string | undefined

  for await (const record of abortable(query(datastore, prefix, signal), signal)) {
    if (++total > max) {
      throw new TooManyRecordsError(`more than ${max} records under ${prefix}`)
    }

    let key = 'one without a key'

    try {
      key = record.key.toString()
      read(key, record.value)
    } catch {
      count++
      first ??= key
    }
  }

  return { count, first }
}

/** A datastore in memory answers without waiting */
async function * query (datastore: Datastore, prefix: string, signal: AbortSignal): AsyncGenerator<Pair> {
  yield * datastore.query({ prefix }, { signal })
}

/**
 * Reads as `readRecords`, but stops after `max` records without an error, and logs that. For what may be forgotten
 *
 * @returns also whether there were more
 */
export async function readSomeRecords (datastore: Datastore, prefix: string, max: number, read: (key: string, value: Uint8Array) => void, signal: AbortSignal, log: Logger): Promise<Unreadable & { isTruncated: boolean }> {
  try {
    return { ...await readRecords(datastore, prefix, max, read, signal), isTruncated: false }
  } catch (err) {
    if (!(err instanceof TooManyRecordsError)) {
      throw err
    }

    log.error('read no more than %d records under %s', max, prefix)

    return { count: 0, isTruncated: true }
  }
}
