import type { SharedStore } from '../../../examples/share-history.ts'

/** The part of a client from the package `redis` that the store needs */
export interface Redis {
  get: (key: string) => Promise<string | null>
  set: (key: string, text: string, options: { expiration: { type: 'EX', value: number } }) => Promise<unknown>
  scanIterator: (options: { MATCH: string }) => AsyncIterable<readonly string[]>
}

const PREFIX = 'dial-history:'

/** Seconds after which a text expires: counts of a day ago weigh next to nothing */
const DAY = 86_400

/** Stores the history of a fleet in Redis, under one key for each node */
export function redisStore (redis: Redis): SharedStore {
  return {
    put: async (name, text) => redis.set(`${PREFIX}${name}`, text, { expiration: { type: 'EX', value: DAY } }),
    all: async () => {
      const texts: string[] = []

      for await (const keys of redis.scanIterator({ MATCH: `${PREFIX}*` })) {
        for (const key of keys) {
          texts.push(await redis.get(key) ?? '')
        }
      }

      // a key may expire between the two commands
      return texts.filter(text => text !== '')
    }
  }
}
