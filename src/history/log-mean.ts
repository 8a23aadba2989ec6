/** RFC 6298: an eighth of each sample */
const ALPHA = 1 / 8

/** Narrower than this nobody knows a network: one in fifty takes a third longer */
const MIN_DEVIATION = 0.15

/** What is shorter or longer is not a network's doing, in milliseconds */
const MIN = 0.05
const MAX = 120_000

/** Mean and deviation of the natural logarithm of durations: both moving averages, so that they follow what changes */
export class LogMean {
  mean: number
  variance: number

  /** From the first sample, or from what is believed before there is one */
  constructor (mean: number, variance: number) {
    this.mean = mean
    this.variance = variance
  }

  add (ms: number): void {
    const off = logOf(ms) - this.mean
    this.mean += ALPHA * off
    this.variance = (1 - ALPHA) * (this.variance + ALPHA * off * off)
  }

  copy (): LogMean {
    return new LogMean(this.mean, this.variance)
  }

  get deviation (): number {
    return Math.max(MIN_DEVIATION, Math.sqrt(this.variance))
  }
}

export function logOf (ms: number): number {
  return Math.log(Math.min(Math.max(ms, MIN), MAX))
}

/** The probability that a duration is at most `ms`, by the logistic approximation of the normal distribution: 0.01 off at most */
export function probabilityWithin (ms: number, { mu, sigma }: { mu: number, sigma: number }): number {
  return ms <= 0 ? 0 : 1 / (1 + Math.exp(-1.702 * (Math.log(ms) - mu) / sigma))
}
