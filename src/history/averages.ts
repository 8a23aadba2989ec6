/** RFC 6298: the next sample counts an eighth once there are so many. Until then all count alike */
const MOST = 7

/** As how many samples what is believed counts */
const BELIEVED = 2

/** Narrower than this nobody knows a network: one in fifty takes a third longer */
const MIN_DEVIATION = 0.15

/** Deviations beyond which a time is not counted among the others */
const MAX_DEVIATIONS = 2

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

  /** Takes back so much of a failure */
  remove (failures: number, now: number): void {
    this.#renew(now)
    this.failures = Math.max(0, this.failures - failures)
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

/**
 * Mean and deviation of the natural logarithm of durations: averages of all samples while there are few, moving ones after that, so that
 * they follow what changes
 */
export class LogMean {
  mean: number
  variance: number
  /** How many samples are in it, as far as that matters: the next counts as much as one of them */
  count: number

  /** From what is believed before there is a sample */
  constructor (mean: number, variance: number, count = BELIEVED) {
    this.mean = mean
    this.variance = variance
    this.count = count
  }

  /** From the first sample, in milliseconds */
  static of (ms: number, variance: number): LogMean {
    return new LogMean(logOf(ms), variance, 1)
  }

  /** @param most how many samples count alike: of more it is a moving average */
  add (ms: number, most = MOST): void {
    const weight = 1 / (this.count + 1)
    const off = logOf(ms) - this.mean
    this.mean += weight * off
    this.variance = (1 - weight) * (this.variance + weight * off * off)
    this.count = Math.min(this.count + 1, most)
  }

  /**
   * It took longer than this, in milliseconds, and nobody waited for how long: what is to be expected of such a one then, by what is known. Without
   * them only what is fast would be known, where the first of several is taken
   *
   * @param weight from 0 to 1: how likely it would have come at all
   */
  addLonger (ms: number, weight: number): void {
    const { mean, deviation } = this
    const z = (logOf(ms) - mean) / deviation
    const share = weight / (this.count + 1)
    // by the logistic approximation of the normal distribution: the mean of what lies beyond z, and of its square
    const beyond = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * (1 + Math.exp(1.702 * z))

    if (z < MAX_DEVIATIONS) {
      this.mean += share * deviation * beyond
      this.variance = (1 - share) * this.variance + share * deviation ** 2 * (1 + z * beyond)
    }
  }

  copy (): LogMean {
    return new LogMean(this.mean, this.variance, this.count)
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
