import { checkCandidates, FixtureError } from './check-fixture.ts'
import { equalCandidates, mixedCandidates, PEER } from './samples.ts'
import { StageRun } from './stage-run.ts'
import { violationOf } from './violation.ts'
import type { Input, StageRunInit } from './stage-run.ts'
import type { ComplianceFixture } from './types.ts'
import type { AnyStage, Candidate, Flow } from '../../pipeline/types.ts'

const TIME_LIMIT = 60_000

/** The setup of one check: each run has its own stage, clock and network */
export class Harness {
  readonly make: () => AnyStage
  readonly from: Input
  readonly fixture: ComplianceFixture
  readonly candidates: readonly Candidate[]
  /** Milliseconds of virtual time after which a stage is expected to have finished */
  readonly timeLimit: number
  /** The first three candidates */
  readonly three: readonly [Candidate, Candidate, Candidate]
  readonly #runs: StageRun[] = []

  constructor (make: () => AnyStage, from: Input, to: keyof Flow, fixture: ComplianceFixture) {
    const candidates = checkCandidates((fixture.candidates ?? (to === 'candidates' ? mixedCandidates : equalCandidates))(PEER))
    const [a, b, c] = candidates

    this.make = make
    this.from = from
    this.fixture = fixture
    this.timeLimit = fixture.timeLimit ?? TIME_LIMIT
    this.candidates = candidates
    this.three = [a, b, c]
  }

  /**
   * Starts a run of a new stage
   *
   * @throws Violation if the stage throws when it begins
   */
  begin (init: Pick<StageRunInit, 'takes' | 'components'> = {}): StageRun {
    const { from, candidates, fixture, timeLimit } = this

    try {
      const run = new StageRun({ init: this.make(), from, candidates, fixture, timeLimit, ...init })
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
