import type { Random } from '../../src/testing/simulation/random.ts'

export { logNormal, seeded } from '../../src/testing/simulation/random.ts'
export type { Random }

export function shuffled<T> (items: readonly T[], random: Random): T[] {
  const order = items.map(item => ({ item, place: random() }))

  return order.toSorted((a, b) => a.place - b.place).map(({ item }) => item)
}
