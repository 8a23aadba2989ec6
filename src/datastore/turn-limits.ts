import { nextTurn } from '../pipeline/clock.ts'

/**
 * Caps the records, and their bytes, that are encoded or decoded in one turn of the event loop, so that no number of records blocks it for more than
 * 20 ms
 */
export const MAX_TURN_RECORDS = 50
export const MAX_TURN_BYTES = 65_536

/** Resolves in the next turn of the event loop */
export async function turnEnd (): Promise<void> {
  return new Promise(resolve => { nextTurn(resolve) })
}

/**
 * Maps items like `Array.map()`, a few in each turn of the event loop
 *
 * @param perTurn the number of items in one turn
 */
export async function mapInTurns<T, R> (items: readonly T[], perTurn: number, map: (item: T, index: number) => R): Promise<R[]> {
  const mapped: R[] = []

  for (const item of items) {
    mapped.push(map(item, mapped.length))

    if (mapped.length % perTurn === 0) {
      await turnEnd()
    }
  }

  return mapped
}
