/** Between 0 and 1, always the same ones for a seed (mulberry32) */
export type Random = () => number

export function seeded (seed: number): Random {
  let state = seed

  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t

    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A draw whose natural logarithm is normal, by its median and the deviation of that logarithm */
export function logNormal (random: Random, median: number, sigma: number): number {
  return median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))
}

export function shuffled<T> (items: readonly T[], random: Random): T[] {
  const order = items.map(item => ({ item, place: random() }))

  return order.toSorted((a, b) => a.place - b.place).map(({ item }) => item)
}
