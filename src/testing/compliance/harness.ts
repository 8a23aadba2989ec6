import { checkCandidates, FixtureError } from './check-fixture.ts'
import { equalCandidates, mixedCandidates, PEER } from './samples.ts'
import { StageRun } from './stage-run.ts'
import { violationOf } from './violation.ts'
import type { RunRecord } from './differences.ts'
import type { Input, StageRunInit } from './stage-run.ts'
import type { ComplianceFixture } from './types.ts'
import type { AnyStage, Candidate, Flow } from '../../pipeline/types.ts'

const TIME_LIMIT = 60_000

/** The setup of one check: each run has its own clock and network, and its own stage unless a check passes one */
export class Harness {
  readonly make: () => AnyStage
  readonly from: Input
  readonly fixture: ComplianceFixture
  readonly candidates: readonly Candidate[]
  /** Milliseconds of virtual time after which a stage is expected to have finished */
  readonly timeLimit: number
  /** The first three candidates */
  readonly three: readonly [Candidate, Candidate, Candidate]
  /** The observations of the first run with each input */
  readonly firstRuns: Map<Input, RunRecord>
  readonly #runs: StageRun[] = []

  constructor (make: () => AnyStage, from: Input, to: keyof Flow, fixture: ComplianceFixture, firstRuns: Map<Input, RunRecord>) {
    const candidates = checkCandidates((fixture.candidates ?? (to === 'candidates' ? mixedCandidates : equalCandidates))(PEER))
    const [a, b, c] = candidates

    this.make = make
    this.from = from
    this.fixture = fixture
    this.timeLimit = fixture.timeLimit ?? TIME_LIMIT
    this.candidates = candidates
    this.three = [a, b, c]
    this.firstRuns = firstRuns
  }

  /**
   * Starts a run of a stage, by default of a new one
   *
   * @throws Violation if the stage throws when it begins
   */
  begin ({ stage, ...init }: Pick<StageRunInit, 'takes' | 'components'> & { stage?: AnyStage | undefined } = {}): StageRun {
    const { from, candidates, fixture, timeLimit } = this

    try {
      const run = new StageRun({ init: stage ?? this.make(), from, candidates, fixture, timeLimit, ...init })
      this.#runs.push(run)

      return run
    } catch (error) {
      throw error instanceof FixtureError ? error : violationOf(error)
    }
  }

  /** Ends all runs */
  end (): void {
    this.#runs.forEach(run => { run.leave() })
  }
}
