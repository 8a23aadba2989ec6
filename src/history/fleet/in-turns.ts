import { turnEnd } from '../../datastore/turn-limits.ts'

/** The peers in one turn of the event loop: reading 64 addresses of each takes at most 25 ms */
const PEERS = 20

/** Maps items like `Array.map()`, a few in each turn of the event loop, so that a long text does not block it */
export async function mapInTurns<T, R> (items: readonly T[], map: (item: T, index: number) => R): Promise<R[]> {
  const mapped: R[] = []

  for (const item of items) {
    mapped.push(map(item, mapped.length))

    if (mapped.length % PEERS === 0) {
      await turnEnd()
    }
  }

  return mapped
}
