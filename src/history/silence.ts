/** The meaning of silence until an attempt was given up */
export interface Silence {
  /** The part of a failure, 0 to 1 */
  readonly failure: number
  /** The probability that it would have answered later */
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
