import { TurnTaker } from '../pipeline/tick.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

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
 * Hands each record under a prefix to `read`, as soon as it comes
 *
 * @param max - how many records there can be: a datastore that gives more would keep the node from all else
 * @returns those that `read` threw for
 * @throws what the datastore throws; TooManyRecordsError after `max` of them
 */
export async function readRecords (datastore: Datastore, prefix: string, max: number, read: (key: string, value: Uint8Array) => void): Promise<Unreadable> {
  let total = 0
  let count = 0
  let first: string | undefined

  const turns = new TurnTaker()

  for await (const record of datastore.query({ prefix })) {
    if (++total > max) {
      throw new TooManyRecordsError(`more than ${max} records under ${prefix}`)
    }

    // a datastore in memory answers without waiting
    await turns.next()

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

/**
 * Reads as `readRecords`, but stops after `max` records without an error, and logs that. For what may be forgotten
 *
 * @returns also whether there were more
 */
export async function readSomeRecords (datastore: Datastore, prefix: string, max: number, read: (key: string, value: Uint8Array) => void, log: Logger): Promise<Unreadable & { isTruncated: boolean }> {
  try {
    return { ...await readRecords(datastore, prefix, max, read), isTruncated: false }
  } catch (err) {
    if (!(err instanceof TooManyRecordsError)) {
      throw err
    }

    log.error('read no more than %d records under %s', max, prefix)

    return { count: 0, isTruncated: true }
  }
}
