/** Milliseconds between a failure and the next attempt: doubled by each further failure, up to the longest */
const FIRST = 1_000
const LONGEST_READ = 30_000
const LONGEST_WRITE = 300_000

/** Returns the milliseconds before a datastore is read again that has failed so many times in a row */
export function readRetryDelay (failures: number): number {
  return Math.min(LONGEST_READ, FIRST * 2 ** (failures - 1))
}

/** Returns the milliseconds before a datastore is written again that has failed so many times in a row */
export function writeRetryDelay (failures: number): number {
  return Math.min(LONGEST_WRITE, FIRST * 2 ** (failures - 1))
}
