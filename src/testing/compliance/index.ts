import { checkArguments, checkOptions, checkValue } from '../../pipeline/check-options.ts'
import { filledListOf, FUNCTION, OBJECT, oneOf, POSITIVE_MILLISECONDS, BOOLEAN } from '../../pipeline/option-kinds.ts'
import { checkStages } from '../../pipeline/stage-order.ts'
import { Harness } from './harness.ts'
import { points } from './points/index.ts'
import { PEER } from './samples.ts'
import { Violation } from './violation.ts'
import type { RunRecord } from './differences.ts'
import type { Input } from './stage-run.ts'
import type { Point } from './point.ts'
import type { ComplianceCheck, ComplianceFixture } from './types.ts'
import type { AnyStage } from '../../pipeline/types.ts'

const FIXTURE = {
  from: filledListOf('flows', oneOf('target', 'candidates', 'connections')),
  components: FUNCTION,
  candidates: FUNCTION,
  connection: OBJECT,
  options: OBJECT,
  timeLimit: POSITIVE_MILLISECONDS,
  restoresDropped: BOOLEAN
}

/**
 * Returns the rules of the stage contract as checks for any test runner, one for each rule. Each check runs the stage on a virtual clock and a
 * scripted network. Run the checks one after another, because one of them replaces the clock of the platform.
 *
 * A fault fails the first check that it concerns. The checks after that pass without running.
 *
 * ```ts
 * for (const { name, run } of compliance(() => myStage())) {
 *   test.serial(name, run)
 * }
 * ```
 *
 * @param makeStage creates the stage. Called for each run
 * @param fixture what the stage needs to work in a test, such as components or dial options
 * @throws InvalidPipelineError if `makeStage` is not a function or returns no stage, and for an unknown or wrong option
 */
export function compliance (makeStage: () => AnyStage, fixture: ComplianceFixture = {}): ComplianceCheck[] {
  checkArguments('compliance()', arguments, 2)
  checkValue('compliance()', makeStage, FUNCTION)
  checkOptions('compliance()', fixture, FIXTURE)
  const stage = makeStage()
  checkStages('compliance()', stage?.yields === 'connections' ? 'connections' : 'candidates', stage)
  const suite = new Suite(makeStage, stage, fixture)

  return points.filter(({ holdsFor }) => holdsFor(stage)).map(point => ({
    name: point.title,
    run: async () => { await suite.check(point) }
  }))
}

class Suite {
  readonly #makeStage: () => AnyStage
  readonly #stage: AnyStage
  readonly #fixture: ComplianceFixture
  readonly #firstRuns = new Map<Input, RunRecord>()
  #hasFailed = false

  constructor (makeStage: () => AnyStage, stage: AnyStage, fixture: ComplianceFixture) {
    this.#makeStage = makeStage
    this.#stage = stage
    this.#fixture = fixture
  }

  async check ({ title, check }: Point): Promise<void> {
    if (this.#hasFailed) {
      return
    }

    for (const from of this.#fixture.from ?? Object.keys(this.#stage.accepts) as Input[]) {
      const harness = new Harness(this.#makeStage, from, this.#stage.yields, this.#fixture, this.#firstRuns)

      try {
        await check(harness)
      } catch (err: any) {
        this.#hasFailed = true
        throw err instanceof Violation ? this.#failure(err, from, title) : err
      } finally {
        harness.end()
      }
    }
  }

  #failure ({ message, cause }: Violation, from: Input, title: string): Error {
    const { name } = this.#stage
    const own = `Stage "${name}" `
    // leaves out the id of the only peer: it would repeat in every address
    const text = (message.startsWith(own) ? `it ${message.slice(own.length)}` : message).replaceAll(`/p2p/${PEER.toString()}`, '')

    return new Error(`Stage "${name}", given ${from}: ${text} (${title})`, { cause })
  }
}
