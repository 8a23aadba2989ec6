import { seeded } from './random.ts'

export type Statistic = (values: readonly number[]) => number

export function mean (values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Interpolates linearly between the two nearest values, as most programs do (type 7 of Hyndman and Fan, 1996) */
export function quantile (share: number): Statistic {
  return values => {
    const sorted = Float64Array.from(values).toSorted()
    const place = (sorted.length - 1) * share
    const below = sorted[Math.floor(place)] ?? NaN

    return below + ((sorted[Math.ceil(place)] ?? NaN) - below) * (place % 1)
  }
}

export interface Difference {
  /** The statistic of the first sample minus that of the second */
  readonly value: number
  /** The bounds of its 95 % confidence interval */
  readonly low: number
  readonly high: number
}

const RESAMPLES = 2_000

/** Compares two samples of the same peers. The bootstrap resamples peers, so that both values of a peer stay together (percentile method) */
export function pairedDifference (first: readonly number[], second: readonly number[], statistic: Statistic = mean): Difference {
  if (first.length !== second.length) {
    throw new Error(`not pairs: ${first.length} and ${second.length}`)
  }

  const random = seeded(1)
  const differences = Array.from({ length: RESAMPLES }, () => {
    const drawn = first.map(() => Math.floor(random() * first.length))

    return statistic(drawn.map(i => first[i] ?? NaN)) - statistic(drawn.map(i => second[i] ?? NaN))
  })

  return { value: statistic(first) - statistic(second), low: quantile(0.025)(differences), high: quantile(0.975)(differences) }
}
