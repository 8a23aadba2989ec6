import { show } from '../lists/look.ts'
import { expect } from '../rule.ts'
import type { Trial } from '../trial.ts'
import type { TrialAttempt } from '../trial-host.ts'
import type { Candidate, Pace } from '../../../pipeline/types.ts'

/** As soon as the race allows */
export const atOnce: Pace = ({ untried: [candidate], now }) => candidate == null ? undefined : { candidate, at: now }

/** Never, as far as time goes */
export const inAYear: Pace = ({ untried: [candidate], lastStart, now }) => {
  return candidate == null ? undefined : { candidate, at: lastStart == null ? now : lastStart + 365 * 24 * 60 * 60 * 1000 }
}

export function attemptsOf (trial: Trial, { id }: Candidate): TrialAttempt[] {
  return trial.host.attempts.filter(({ candidate }) => candidate.id === id)
}

/** When attempts got their slots, in milliseconds after the trial began */
export function startsOf (trial: Trial): Array<{ id: string, at: number }> {
  return trial.host.attempts.flatMap(({ candidate, startedAt }) => startedAt == null ? [] : [{ id: candidate.id, at: trial.since(startedAt) }])
}

export function dialled (trial: Trial): string {
  return show(startsOf(trial).map(({ id, at }) => `${show([id])} at ${at} ms`))
}

/** @throws Violation when it has ended, or thrown */
export function checkGoesOn (trial: Trial, otherwise: string): void {
  trial.checkAlive()
  expect(!trial.ended, `it ended ${otherwise}`)
}
