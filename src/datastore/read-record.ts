import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { lastWriteTo } from './last-write.ts'
import type { Datastore, Key } from 'interface-datastore'

/**
 * Returns the value of a key, undefined where it has none. Waits for the last write of a dialer that was detached
 *
 * @param signal - ends it also where the datastore hangs
 * @throws what the datastore throws; the signal's reason when that aborts
 */
export async function readRecord (datastore: Datastore, key: Key, signal: AbortSignal): Promise<Uint8Array | undefined> {
  await settledOrAborted(lastWriteTo(datastore), signal)

  // what `get` throws for a key without a value is up to the datastore
  if (await settledOrAborted(datastore.has(key, { signal }), signal)) {
    return settledOrAborted(datastore.get(key, { signal }), signal)
  }
}
