/** What was given up in silence */
export interface Silence {
  /** How much of a failure it is */
  readonly failure: number
  /** How likely it would have answered later */
  readonly alive: number
}

/**
 * What Bayes makes of the silence of an address
 *
 * @param valid how likely it answers
 * @param share of those who answer, how many would have until then
 */
export function silence (valid: number, share: number): Silence {
  const alive = valid * (1 - share) / (1 - valid * share)

  return { failure: share * (1 - valid) / (1 - valid * share), alive }
}
