/** A deterministic random number generator (mulberry32). Equal seeds give equal sequences */
export class Random {
  #state: number

  constructor (seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0
  }

  /** Returns a number from 0 up to but not including 1 */
  next (): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)

    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** Returns a whole number from 0 up to but not including `limit` */
  below (limit: number): number {
    return Math.floor(this.next() * limit)
  }

  /** Returns a whole number from `least` to `most` */
  between (least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  chance (probability: number): boolean {
    return this.next() < probability
  }

  pick<T> (items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  /** Picks an item by its weight */
  weigh<T> (items: ReadonlyArray<readonly [number, T]>): T {
    let left = this.next() * items.reduce((sum, [weight]) => sum + weight, 0)

    for (const [weight, item] of items) {
      left -= weight

      if (left < 0) {
        return item
      }
    }

    return (items.at(-1) as readonly [number, T])[1]
  }

  list<T> (most: number, make: () => T, least = 0): T[] {
    return Array.from({ length: this.between(least, most) }, make)
  }
}

/** Returns a hash of a text as a whole number (FNV-1a) */
export function hash (text: string): number {
  let value = 0x811c9dc5

  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  }

  return value >>> 0
}

/** Usually returns a valid number of milliseconds, sometimes a mistake of a careless caller */
export function oddNumber (random: Random, usual: number): any {
  return random.chance(0.94) ? usual : random.pick([Number.NaN, 'text', '250', Infinity, -1, null, 0, 1e300, {}])
}
