import { toText } from './target.ts'
import type { BanTarget } from './target.ts'

/** The maximum number of bans: as many as an address book has peers by default */
export const MAX_BANS = 10_000

/** The latest time that a Date can represent */
const END_OF_TIME = 8.64e15

/** A ban. Times are in milliseconds since the epoch */
export interface Ban {
  readonly target: BanTarget
  readonly since: number
  /** `Infinity`: until the ban is removed */
  readonly until: number
}

/** Returns the ban that ends first, with its key. If several end at the same time, the oldest */
export function firstToEnd (bans: Iterable<[string, Ban]>, exceptKey?: string): [string, Ban] | undefined {
  let first: [string, Ban] | undefined

  for (const entry of bans) {
    const [key, { since, until }] = entry

    if (key !== exceptKey && (first == null || until < first[1].until || (until === first[1].until && since < first[1].since))) {
      first = entry
    }
  }

  return first
}

export function describeBan ({ target, until }: Ban): string {
  const end = until > END_OF_TIME ? 'it is removed' : new Date(until).toISOString()

  return `${toText(target)} is banned until ${end}`
}

/** Returns the ban at a later time, with the same duration */
export function postponed ({ target, since, until }: Ban, ms: number): Ban {
  return Object.freeze({ target, since: since + ms, until: until + ms })
}
