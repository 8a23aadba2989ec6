import { backoff } from '../../src/stages/backoff.ts'
import { cand, tryOut } from '../testing/try-out.ts'
import { FakeHistory, withHistory } from './fake-history.ts'
import type { BackoffInit } from '../../src/stages/backoff.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'
import type { ExecutionContext } from 'ava'

export const [a, b, c] = [cand(1), cand(2), cand(3)]

/** Runs `backoff()` with a history. `fail` adds failures that are some milliseconds old */
export function backoffRun (t: ExecutionContext, init?: BackoffInit, fixture: Pick<ComplianceFixture, 'components' | 'options'> = {}): { trial: StageRun, fail (one: Candidate, ago?: number, count?: number): void, history: FakeHistory } {
  const history = new FakeHistory()
  const trial = tryOut(t, backoff(init), { ...withHistory(history), ...fixture })
  const begin = trial.clock.now()

  return { trial, history, fail: (one, ago = 0, count = 1) => { history.fail(one, begin - ago, count) } }
}
