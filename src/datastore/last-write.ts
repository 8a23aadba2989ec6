import type { Datastore } from 'interface-datastore'

/** Of a dialer that was detached: the next one of its node keeps the same records */
const LAST_WRITES = new WeakMap<Datastore, Promise<void>>()

/** Has what reads from a datastore from now on wait for a write, which never rejects */
export function readAfter (datastore: Datastore, write: Promise<void>): void {
  const earlier = LAST_WRITES.get(datastore)
  LAST_WRITES.set(datastore, earlier == null ? write : earlier.then(async () => write))
}

/** Undefined where nothing is waited for */
export function lastWriteTo (datastore: Datastore): Promise<void> | undefined {
  return LAST_WRITES.get(datastore)
}
