import { expect } from '../rule.ts'
import { LIBP2P_OPTIONS } from '../../../pipeline/declared-options.ts'
import { describeValue } from '../../../pipeline/describe-value.ts'
import { live } from './scenario.ts'
import type { Bench } from '../bench.ts'
import type { AnyStageInit, Flow } from '../../../pipeline/types.ts'

const FLOWS: ReadonlyArray<keyof Flow> = ['target', 'candidates', 'connections']

const LIBP2P = new Set<string>(LIBP2P_OPTIONS)

/** @throws Violation when it cannot be told where in a pipeline the stage may stand */
export function checkInit (init: AnyStageInit): void {
  expect(typeof init === 'function', `it is ${describeValue(init)} and not a function that makes a stage`)
  expect(typeof init.name === 'string' && init.name !== '', 'it has no name')
  expect(typeof init.accepts === 'object' && init.accepts !== null, 'it does not say what it accepts')
  const accepts = Object.entries(init.accepts)
  expect(accepts.length > 0 && accepts.every(([flow, yes]) => isFlow(flow) && yes), `it accepts ${JSON.stringify(init.accepts)}: an object of ${FLOWS.join(', ')} with true for each that it accepts`)
  expect(init.yields !== 'target' && isFlow(init.yields), `it yields ${init.yields}: candidates or connections`)
  expect(init.options === undefined || (Array.isArray(init.options) && init.options.every(name => typeof name === 'string')), 'its options are not a list of names')
}

export async function declaresItself (bench: Bench): Promise<void> {
  const init = bench.make()
  const again = bench.make()
  checkInit(init)
  expect(init.name === again.name, `it is "${init.name}" and, made again, "${again.name}"`)
  const trial = bench.begin()
  await live(bench, trial)
  const hidden = [...trial.optionsRead].filter(name => !LIBP2P.has(name) && init.options?.includes(name) !== true)
  expect(hidden.length === 0, `it reads the per-dial option "${hidden.join('", "')}" and does not declare it: in a dial that is an error`)
}

function isFlow (flow: unknown): boolean {
  return FLOWS.includes(flow as keyof Flow)
}
