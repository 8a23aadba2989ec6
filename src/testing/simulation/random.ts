/** Returns numbers from 0 up to 1, always the same ones for a seed */
export type Random = () => number

/** Returns a source of random numbers (mulberry32) */
export function seeded (seed: number): Random {
  let state = seed

  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t

    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Returns one seed for several numbers: neighbours of any of them have nothing in common (the finalizer of MurmurHash3) */
export function seedOf (...parts: readonly number[]): number {
  return parts.reduce((seed, part) => {
    let mixed = Math.imul(seed ^ part, 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)

    return (mixed ^ (mixed >>> 16)) + 0x9e3779b9 | 0
  }, 0x2545f491)
}

/** Draws a number whose natural logarithm is normal, by its median and the deviation of that logarithm */
export function logNormal (random: Random, median: number, sigma: number): number {
  return median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))
}

/** Draws a number from 0 up, most of them small: an exponential distribution */
export function exponential (random: Random, mean: number): number {
  return -mean * Math.log(1 - random())
}
