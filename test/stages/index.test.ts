// docs/reference/stages.md: a stage has the name of its factory in kebab case, by which pipelines are edited and printed
import test from 'ava'
import * as stages from '../../src/stages/index.ts'
import { ROWS } from './relay-rows.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'

/** Factories whose first argument is the name, and `when()`, which has the name of its inner stage */
const NAMED = new Set(['expand', 'filter', 'hold', 'pace', 'rank', 'rankBy', 'source', 'stage', 'when'])

const FLOWS: Record<string, string> = {
  source: 'target or candidates to candidates',
  list: 'candidates to candidates',
  race: 'candidates to connections',
  below: 'connections to connections'
}

const STAGES: ReadonlyArray<readonly [factory: string, stage: AnyStage, kind: string]> = [
  ...Object.entries(ROWS).map(([row, { make, kind = 'list' }]) => [row.split(' ')[0] as string, make({}), kind] as const),
  ['converge', stages.converge(), 'below'],
  ['requireProtocol', stages.requireProtocol('/x/1.0.0'), 'below'],
  ['verify', stages.verify(() => true), 'below']
]

for (const [factory, { name, accepts, yields }, kind] of new Map(STAGES.map(one => [one[0], one])).values()) {
  test(`${factory}() leads from ${FLOWS[kind]}${NAMED.has(factory) ? '' : ', under its own name'}, before there is a node`, t => {
    t.is(`${Object.keys(accepts).toSorted((a, b) => b.localeCompare(a)).join(' or ')} to ${yields}`, FLOWS[kind] as string)

    if (!NAMED.has(factory)) {
      t.is(name, factory.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`))
    }
  })
}
