import { TurnTaker } from '../pipeline/tick.ts'
import type { Datastore } from 'interface-datastore'

export interface Unreadable {
  readonly count: number
  /** The key of the first of them */
  readonly first?: string
}

/**
 * Hands each record under a prefix to `read`, as soon as it comes
 *
 * @param max - how many records there can be: a datastore that gives more would keep the node from all else
 * @returns those that `read` threw for
 * @throws what the datastore throws; an Error when there are more than `max`
 */
export async function readRecords (datastore: Datastore, prefix: string, max: number, read: (key: string, value: Uint8Array) => void): Promise<Unreadable> {
  let total = 0
  let count = 0
  let first: string | undefined

  const turns = new TurnTaker()

  for await (const record of datastore.query({ prefix })) {
    if (++total > max) {
      throw new Error(`more than ${max} records under ${prefix}`)
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
