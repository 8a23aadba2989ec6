import { converge, race, requireProtocol, verify } from '../../../src/stages/index.ts'
import * as exported from '../../../src/stages/index.ts'
import { findPlan } from '../../../src/pipeline/runtime/make-stage.ts'
import { ROWS } from '../../stages/relay-rows.ts'
import { capital, firstSentence } from './comments.ts'
import { linkedName, namesOf } from './options.ts'
import { findExported } from './parameters.ts'
import { code, table } from './table.ts'
import type { AnyStage } from '../../../src/pipeline/types.ts'

export type Kind = 'source' | 'filter' | 'limit' | 'expand' | 'rank' | 'time' | 'race' | 'layer' | 'below' | 'combinator' | 'own' | 'function'

/** The kinds of functions that do not create a stage */
const OTHERS: Readonly<Record<string, Kind>> = {
  attemptRetry: 'layer', attemptTimeout: 'layer', advice: 'function', candidate: 'function', peerOf: 'function', pipeline: 'function', pipelineOf: 'function'
}

/** The kinds of stages whose plan does not show it */
const KINDS: Readonly<Record<string, Kind>> = { byReputation: 'rank', when: 'combinator' }

/** Functions that create a custom stage. Its name is an argument */
const OWN = new Set(['expand', 'filter', 'hold', 'pace', 'rank', 'rankBy', 'source', 'stage'])

const made = new Map<string, AnyStage>([
  ...Object.entries(ROWS).map(([row, { make }]) => [row.split(' ')[0] ?? '', make({})] as const),
  ['converge', converge()], ['race', race()], ['requireProtocol', requireProtocol('/x/1')], ['verify', verify(() => true)]
])

/** Returns the table of the stages of a kind */
export function stageTable (kind: Kind): string {
  const names = namesOf(exported).filter(name => kindOf(name) === kind)

  return table(['factory', 'name', kind === 'time' ? 'kind' : '', 'description'], names.map(name => [
    linkedName(name, 'src/'),
    OWN.has(name) || name === 'when' || !made.has(name) ? '' : code(made.get(name)?.name ?? ''),
    kind === 'time' ? timeOf(name) : '',
    descriptionOf(name)
  ]))
}

/** Returns the description without its beginning "Creates a filter that": the heading of the table says so */
function descriptionOf (name: string): string {
  return capital(firstSentence(findExported(name, 'src/').comment.text)
    .replace(/^Creates a source of /, 'adds ')
    .replace(/^Creates the race, which /, '')
    .replace(/^Creates an? (?:(?:attempt layer|filter|hold|pace|ranker|source|stage)(?: below a race)?) that /, ''))
}

function kindOf (name: string): Kind {
  const stage = made.get(name)
  const known = OTHERS[name] ?? KINDS[name] ?? (OWN.has(name) ? 'own' : undefined)

  if (known != null) {
    return known
  }

  if (stage == null) {
    throw new Error(`${name}() has no row in test/stages/relay-rows.ts`)
  }

  const plan = findPlan(stage)

  if (plan?.kind === 'list') {
    return plan.role == null || plan.role === 'pace' ? 'time' : plan.role
  }

  return plan?.kind === 'race' ? 'race' : plan?.kind === 'below' ? 'below' : 'combinator'
}

function timeOf (name: string): string {
  const plan = findPlan(made.get(name) as AnyStage)

  return name === 'gather' ? 'wait' : plan?.kind === 'list' && plan.role === 'pace' ? 'pace' : 'hold'
}
