import { checkCandidates, FixtureError } from './check-fixture.ts'
import { equalCandidates, mixedCandidates, PEER } from './samples.ts'
import { Trial } from './trial.ts'
import { violationOf } from './violation.ts'
import type { Inflow, TrialInit } from './trial.ts'
import type { ComplianceFixture } from './types.ts'
import type { AnyStage, Candidate, Flow } from '../../pipeline/types.ts'

const PATIENCE = 60_000

/** The setup of one check: each trial has its own stage, clock and network */
export class Bench {
  readonly make: () => AnyStage
  readonly from: Inflow
  readonly fixture: ComplianceFixture
  readonly candidates: readonly Candidate[]
  /** Milliseconds of virtual time after which a stage is expected to have finished */
  readonly patience: number
  /** The first three candidates */
  readonly three: readonly [Candidate, Candidate, Candidate]
  readonly #trials: Trial[] = []

  constructor (make: () => AnyStage, from: Inflow, to: keyof Flow, fixture: ComplianceFixture) {
    const candidates = checkCandidates((fixture.candidates ?? (to === 'candidates' ? mixedCandidates : equalCandidates))(PEER))
    const [a, b, c] = candidates

    this.make = make
    this.from = from
    this.fixture = fixture
    this.patience = fixture.patience ?? PATIENCE
    this.candidates = candidates
    this.three = [a, b, c]
  }

  /**
   * Starts a trial of a new stage
   *
   * @throws Violation if the stage throws when it begins
   */
  begin (init: Pick<TrialInit, 'takes' | 'components'> = {}): Trial {
    const { from, candidates, fixture, patience } = this

    try {
      const trial = new Trial({ init: this.make(), from, candidates, fixture, patience, ...init })
      this.#trials.push(trial)

      return trial
    } catch (error) {
      throw error instanceof FixtureError ? error : violationOf(error)
    }
  }

  /** Ends all trials */
  end (): void {
    this.#trials.forEach(trial => { trial.leave() })
  }
}
