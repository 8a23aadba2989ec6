import { pipeline } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { FakeHistory, estimate } from './fake-history.ts'
import { cand, short } from '../testing/try-out.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'

/** Dials the caller's addresses 250 ms apart */
export const plain = pipeline(fromCaller(), stagger(), race())
/** Returns the options of a caller without a time limit */
export const patient = (): { signal: AbortSignal } => ({ signal: new AbortController().signal })

/** Returns the failed candidates with their times */
export const failedIn = (trial: StageRun): string[] => trial.dial.outcomes.map(({ candidate, endedAt }) => `${short([candidate])} @${trial.since(endedAt)}`)

/** Returns the addresses of started attempts that ended without an outcome */
export const cancelledIn = ({ host }: StageRun): string[] => [...host.story.addresses.values()].flatMap(({ candidate, attempts }) => attempts.some(({ startedAt, result }) => startedAt != null && result === 'cancelled') ? short([candidate]) : [])

/** A history in which 49 of 50 first responses arrive within `ms` */
export function historyAnswering (ms: number): FakeHistory {
  const history = new FakeHistory()
  history.estimate = () => ({ ...estimate, firstResponse: { mu: Math.log(ms) - 1, sigma: 0.5 } })

  return history
}

/** Gives the race addresses whose attempts start 100 ms apart. From `from` on, `next` wait for a slot */
export async function waitForSlots (trial: StageRun, inFlight: readonly Candidate[], from = 500, next = [cand(inFlight.length + 1)]): Promise<void> {
  trial.give({ candidates: inFlight, complete: false })
  await trial.pass(from)
  trial.host.hasSlots = false
  trial.give({ candidates: [...inFlight, ...next] })
}
