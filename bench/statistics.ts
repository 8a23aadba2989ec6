export interface Summary {
  median: number
  /** A quarter of the values are below the first quartile, and a quarter above the third */
  quartiles: readonly [number, number]
  min: number
  max: number
}

export function summarise (values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b)

  return {
    median: quantile(sorted, 0.5),
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
    min: sorted[0] ?? NaN,
    max: sorted.at(-1) ?? NaN
  }
}

/** Interpolates linearly between two values */
function quantile (sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? NaN
  const above = sorted[Math.ceil(place)] ?? NaN

  return below + (above - below) * (place - Math.floor(place))
}
