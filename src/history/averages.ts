/** RFC 6298: an eighth of each sample */
const ALPHA = 1 / 8

/** Narrower than this nobody knows a network: one in fifty takes a third longer */
const MIN_DEVIATION = 0.15

/** What is shorter or longer is not a network's doing, in milliseconds */
const MIN = 0.05
const MAX = 120_000

/** How much of what counted `age` milliseconds ago counts now. A clock that was set back takes nothing away */
function decay (age: number, halfLife: number): number {
  return age <= 0 ? 1 : 2 ** (-age / halfLife)
}

/** Successes and failures: the older, the less they count */
export class Outcomes {
  successes = 0
  failures = 0
  /** When they counted so much */
  at = 0
  readonly #halfLife: number

  constructor (halfLife: number) {
    this.#halfLife = halfLife
  }

  /** Weights from 0 to 1: what is only a part of a failure counts as a part */
  add (successes: number, failures: number, now: number): void {
    this.#renew(now)
    this.successes += successes
    this.failures += failures
  }

  /**
   * Raises the successes, or the failures, to at least this
   *
   * @returns by how much: repeating an observation only makes it fresh again
   */
  raise (what: 'successes' | 'failures', least: number, now: number): number {
    this.#renew(now)
    const more = Math.max(0, least - this[what])
    this[what] += more

    return more
  }

  /**
   * The mean of the Beta posterior: the probability of a success, where `prior` was believed and counts as much as
   * `strength` observations
   */
  posterior (prior: number, strength: number, now: number): number {
    const kept = decay(now - this.at, this.#halfLife)

    return (this.successes * kept + strength * prior) / ((this.successes + this.failures) * kept + strength)
  }

  copy (): Outcomes {
    return Object.assign(new Outcomes(this.#halfLife), { successes: this.successes, failures: this.failures, at: this.at })
  }

  /** As it counts at a time */
  counts (now: number): { successes: number, failures: number } {
    const kept = decay(now - this.at, this.#halfLife)

    return { successes: this.successes * kept, failures: this.failures * kept }
  }

  /** Counts as at a time */
  #renew (now: number): void {
    // most are of a peer that is new
    if (this.successes !== 0 || this.failures !== 0) {
      const kept = decay(now - this.at, this.#halfLife)
      this.successes *= kept
      this.failures *= kept
    }

    this.at = now
  }
}

/** Mean and deviation of the natural logarithm of durations: both moving averages, so that they follow what changes */
export class LogMean {
  mean: number
  variance: number

  /** From what is believed before there is a sample */
  constructor (mean: number, variance: number) {
    this.mean = mean
    this.variance = variance
  }

  /** From the first sample, in milliseconds */
  static of (ms: number, variance: number): LogMean {
    return new LogMean(logOf(ms), variance)
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

function logOf (ms: number): number {
  return Math.log(Math.min(Math.max(ms, MIN), MAX))
}

/** The probability that a duration is at most `ms`, by the logistic approximation of the normal distribution: 0.01 off at most */
export function probabilityWithin (ms: number, { mu, sigma }: { mu: number, sigma: number }): number {
  return ms <= 0 ? 0 : 1 / (1 + Math.exp(-1.702 * (Math.log(ms) - mu) / sigma))
}
