import type { Candidate, DialComponents } from '../pipeline/types.ts'

/** Milliseconds: RFC 8305's Connection Attempt Delay, and its Maximum */
const TIME = { min: 250, max: 2_000 }

/** Milliseconds that an attempt keeps its place while others wait: as long as 49 of 50 first responses take by what the node knows */
export function placeTimeOf (candidate: Candidate, { history }: Pick<DialComponents, 'history'>): number {
  const { mu, sigma } = history.estimate(candidate).firstResponse

  return Math.min(TIME.max, Math.max(TIME.min, Math.ceil(Math.exp(mu + 2 * sigma))))
}
