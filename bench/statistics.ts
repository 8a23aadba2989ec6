export interface Summary {
  median: number
  min: number
  max: number
}

export function summarise (values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (place: number): number => sorted[place] ?? NaN

  return {
    median: (at(Math.floor((sorted.length - 1) / 2)) + at(Math.ceil((sorted.length - 1) / 2))) / 2,
    min: at(0),
    max: at(sorted.length - 1)
  }
}
