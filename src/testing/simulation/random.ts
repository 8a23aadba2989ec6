/** Returns the next random number, from 0 up to but not including 1 */
export type Random = () => number

/** Returns a source of random numbers (mulberry32). The same seed yields the same numbers */
export function seeded (seed: number): Random {
  let state = seed

  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t

    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Combines several numbers into one seed. Neighbouring numbers give unrelated seeds (the finalizer of MurmurHash3) */
export function seedOf (...parts: readonly number[]): number {
  return parts.reduce((seed, part) => {
    let mixed = Math.imul(seed ^ part, 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)

    return (mixed ^ (mixed >>> 16)) + 0x9e3779b9 | 0
  }, 0x2545f491)
}

/** Draws from a log-normal distribution, given its median and the standard deviation of the logarithm */
export function logNormal (random: Random, median: number, sigma: number): number {
  return median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))
}

/** Draws from an exponential distribution */
export function exponential (random: Random, mean: number): number {
  return -mean * Math.log(1 - random())
}
