import { checkOptions, checkValue } from '../../pipeline/check-options.ts'
import { BOOLEAN, filledListOf, FUNCTION, OBJECT, oneOf, POSITIVE_MILLISECONDS } from '../../pipeline/option-kinds.ts'
import { checkInit } from './any/init.ts'
import { Bench } from './bench.ts'
import { Violation } from './rule.ts'
import { rules } from './rules.ts'
import type { Inflow } from './bench.ts'
import type { Check, Rule } from './rule.ts'
import type { ComplianceCheck, ComplianceFixture } from './types.ts'
import type { AnyStageInit } from '../../pipeline/types.ts'

const FIXTURE = {
  from: filledListOf('flows', oneOf('target', 'candidates', 'connections')),
  components: FUNCTION,
  candidates: FUNCTION,
  options: OBJECT,
  patience: POSITIVE_MILLISECONDS,
  reorders: BOOLEAN,
  repeats: BOOLEAN,
  revises: BOOLEAN
}

/**
 * The contract of a stage as checks for any test runner, one for each point that applies to what the stage accepts and
 * yields. Everything is on a virtual clock and a scripted network. Run them one after another: one of them looks at the
 * platform's clock.
 *
 * @param makeInit makes the stage, a new one for every trial
 * @throws InvalidPipelineError for what is not a function, and for an unknown or wrong option
 */
export function compliance (makeInit: () => AnyStageInit, fixture: ComplianceFixture = {}): ComplianceCheck[] {
  checkValue('compliance()', makeInit, FUNCTION)
  checkOptions('compliance()', fixture, FIXTURE)
  const init = makeInit()

  return rules.flatMap(rule => {
    const name = `${rule.point}: ${rule.title}`
    const run = (check: () => Promise<void>): ComplianceCheck[] => [{ name, run: async () => { await named(rule, init, check) } }]

    if (!isPlaceable(init)) {
      return rule.point === 14 ? run(async () => { checkInit(init) }) : []
    }

    const check = checkFor(rule, init)

    return check == null ? [] : run(async () => { await onEveryFlow(check, makeInit, init, fixture) })
  })
}

async function onEveryFlow (check: Check, makeInit: () => AnyStageInit, init: AnyStageInit, fixture: ComplianceFixture): Promise<void> {
  for (const from of fixture.from ?? Object.keys(init.accepts) as Inflow[]) {
    const bench = new Bench(makeInit, from, init.yields, fixture)

    try {
      await check(bench)
    } catch (err) {
      throw err instanceof Violation ? new Violation(`given ${from}, ${err.message}`, { cause: err.cause }) : err
    } finally {
      bench.end()
    }
  }
}

async function named ({ point, title }: Rule, init: AnyStageInit, check: () => Promise<void>): Promise<void> {
  try {
    await check()
  } catch (err: any) {
    throw new Error(`Stage "${init?.name}" breaks point ${point} of the contract (${title}): ${err.message}`, { cause: err })
  }
}

function checkFor ({ lists, races, settling }: Rule, { accepts, yields }: AnyStageInit): Check | undefined {
  return yields === 'candidates' ? lists : accepts.connections === true ? settling : races
}

function isPlaceable (init: AnyStageInit): boolean {
  try {
    checkInit(init)

    return true
  } catch {
    return false
  }
}
