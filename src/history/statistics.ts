/** The maximum weight of earlier samples, as a number of samples: a new one weighs at least one eighth, as in RFC 6298 */
const MAX_WEIGHT = 7

/** The weight of a prior, as a number of samples */
const BELIEVED = 2

/** The minimum deviation of the logarithm: no network is known better than that. With it, one sample in fifty takes a third longer than the mean */
const MIN_DEVIATION = 0.15

/** Durations that are only known to be longer than the mean plus this number of deviations are ignored */
const MAX_DEVIATIONS = 2

/** Durations are limited to this range, in milliseconds: beyond it the network is not the cause */
const MIN = 0.05
const MAX = 120_000

/** Returns the remaining weight of an observation after `age` milliseconds. A clock that was set back reduces nothing */
function decay (age: number, halfLife: number): number {
  return age <= 0 ? 1 : 2 ** (-age / halfLife)
}

export class Outcomes {
  successes = 0
  failures = 0
  at = 0
  readonly #halfLife: number

  constructor (halfLife: number) {
    this.#halfLife = halfLife
  }

  /** Adds observations. A fraction counts as a part of a success or failure, and a negative number takes failures back */
  add (successes: number, failures: number, now: number): void {
    this.#renew(now)
    this.successes += successes
    this.failures = Math.max(0, this.failures + failures)
  }

  /**
   * Raises the successes or failures to at least `least`
   *
   * @returns the increase. Repeating an observation only renews it
   */
  raiseTo (what: 'successes' | 'failures', least: number, now: number): number {
    this.#renew(now)
    const more = Math.max(0, least - this[what])
    this[what] += more

    return more
  }

  /**
   * Returns the mean of the Beta posterior: the probability of a success. The prior has the weight of `strength` observations
   */
  posterior (prior: number, strength: number, now: number): number {
    const kept = decay(now - this.at, this.#halfLife)

    return (this.successes * kept + strength * prior) / ((this.successes + this.failures) * kept + strength)
  }

  copy (): Outcomes {
    return Object.assign(new Outcomes(this.#halfLife), this)
  }

  counts (now: number): { successes: number, failures: number } {
    const kept = decay(now - this.at, this.#halfLife)

    return { successes: this.successes * kept, failures: this.failures * kept }
  }

  #renew (now: number): void {
    // shortcut: most outcomes are those of a new peer, without counts to decay
    if (this.successes !== 0 || this.failures !== 0) {
      const kept = decay(now - this.at, this.#halfLife)
      this.successes *= kept
      this.failures *= kept
    }

    this.at = now
  }
}

/**
 * The mean and deviation of the natural logarithm of durations. An average of the first samples, and a moving average after that, so that it follows
 * changes
 */
export class LogMean {
  mean: number
  variance: number
  /** The weight of the samples so far, as a number of samples. Capped by `add()`, so that the average moves */
  count: number

  constructor (mean: number, variance: number, count = BELIEVED) {
    this.mean = mean
    this.variance = variance
    this.count = count
  }

  /** Creates an average from a first sample in milliseconds */
  static of (ms: number, variance: number): LogMean {
    return new LogMean(logOf(ms), variance, 1)
  }

  /** @param most the number of samples with equal weight, before the average moves */
  add (ms: number, most = MAX_WEIGHT): void {
    const weight = 1 / (this.count + 1)
    const off = logOf(ms) - this.mean
    this.mean += weight * off
    this.variance = (1 - weight) * (this.variance + weight * off * off)
    this.count = Math.min(this.count + 1, most)
  }

  /**
   * Adds a duration that is only known to be longer than `ms`, as its expected value. Without such samples, the mean would only include the fast attempts
   * that win
   *
   * @param weight the probability that the duration would have ended at all, 0 to 1
   */
  addLonger (ms: number, weight: number): void {
    const { mean, deviation } = this
    const z = (logOf(ms) - mean) / deviation
    const share = weight / (this.count + 1)
    // the mean of a normal distribution beyond z, and of its square, by the logistic approximation
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

/** Returns the probability that a duration is at most `ms`, by the logistic approximation of the normal distribution: at most 0.01 off */
export function probabilityWithin (ms: number, { mu, sigma }: { mu: number, sigma: number }): number {
  return ms <= 0 ? 0 : 1 / (1 + Math.exp(-1.702 * (Math.log(ms) - mu) / sigma))
}

/** The conclusion from the silence of an attempt until it was given up */
export interface Silence {
  /** The part of a failure that the attempt counts as, 0 to 1 */
  readonly failure: number
  /** The probability that the address would have answered later */
  readonly alive: number
}

/**
 * Applies Bayes' rule to the silence of an address
 *
 * @param valid the probability that the address answers
 * @param share the share of answers that would have arrived by now
 */
export function silence (valid: number, share: number): Silence {
  const alive = valid * (1 - share) / (1 - valid * share)

  return { failure: share * (1 - valid) / (1 - valid * share), alive }
}
