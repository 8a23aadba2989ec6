import type { Candidate, DialHistory, Estimate } from '../../src/pipeline/types.ts'

/** The estimate of a TCP address that probably answers: half of the first responses within 100 ms, nearly all within 150 ms */
export const LIKELY: Estimate = {
  success: 0.95,
  valid: 0.95,
  firstResponse: { mu: Math.log(100), sigma: 0.2 },
  connect: 300,
  roundTrips: { first: 1, all: 3 }
}

/** Creates a history with given estimates of some addresses. All other addresses probably answer */
export function believing (told: ReadonlyMap<Candidate, Partial<Estimate>> = new Map(), asked: Candidate[] = []): DialHistory {
  return {
    estimate: candidate => {
      asked.push(candidate)

      return { ...LIKELY, ...[...told].find(([{ id }]) => id === candidate.id)?.[1] }
    },
    failures: () => undefined,
    online: () => 1,
    path: () => ({ successes: 0, failures: 0, failuresInARow: 0 })
  }
}
