import { turnEnd } from '../../datastore/turn-limits.ts'

/** Peers in one turn of the event loop: reading 64 addresses of each takes 25 ms at most */
const PEERS = 20

/** Maps items as `Array.map` does, a few in each turn of the event loop: a long text blocks nothing else */
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
