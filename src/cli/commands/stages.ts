import * as authoring from '../../pipeline/index.ts'
import { isStage } from '../../pipeline/describe-value.ts'
import { findPlan } from '../../pipeline/runtime/make-stage.ts'
import * as exported from '../../stages/index.ts'
import { clipEnd } from '../../pipeline/safe-text.ts'
import { table } from '../table.ts'
import type { AnyStage } from '../../pipeline/types.ts'
import type { Context } from '../context.ts'

type Kind = typeof KINDS[number]

interface Listed {
  factory: string
  /** Absent when the name is an argument, or the function makes no stage */
  stage?: string
  kind: Kind
  /** Dial options that the stage reads */
  options?: readonly string[]
  /** Arguments that the factory requires. Absent when it can be called without arguments */
  needs?: string
}

/** Prints each exported stage, and the functions that make and combine stages */
export function printStages (context: Context, { json = false }: { json?: boolean }): void {
  const stages = Object.entries(exported).map(([factory, make]) => describe(factory, make as (...args: unknown[]) => unknown))

  if (json) {
    context.printJson(stages)
    return
  }

  const kinds = KINDS.filter(kind => stages.some(one => one.kind === kind))
  const width = Math.max(...stages.map(({ factory }) => factory.length)) + 2
  const text = kinds.map(kind => `${context.paint.bold(kind)}\n${table(stages.filter(one => one.kind === kind).map(({ factory, stage = '', options = [], needs }) => [
    `  ${`${factory}()`.padEnd(width)}`,
    clipEnd([stage, needs == null ? '' : `needs ${needs}`, options.length === 0 ? '' : `reads the dial option ${options.join(', ')}`].filter(word => word !== '').join('; '), context.columns - width - 4)
  ]))}`)
  context.print(text.join('\n\n'))
}

/** Calls a factory without arguments. The stage, or the error, describes what it is and needs */
function describe (factory: string, make: (...args: unknown[]) => unknown): Listed {
  const isHelper = Object.hasOwn(authoring, factory)

  try {
    const made = make()

    return isStage(made)
      ? { factory, stage: made.name, kind: isHelper ? HELPER : kindOf(made), ...made.options.length > 0 && { options: made.options } }
      : { factory, kind: isHelper ? HELPER : LAYER }
  } catch (err) {
    return { factory, kind: isHelper ? HELPER : ARGUMENT, needs: neededIn((err as Error).message) }
  }
}

const HELPER = 'to write and to combine stages'
const ARGUMENT = 'with an argument'
const LAYER = 'around an attempt'
const ROLES = { source: 'sources', filter: 'filters', limit: 'limits', expand: 'one address to many', rank: 'rankers', pace: 'paces and holds' } as const

/** Kinds in the order in which a dial reaches them */
const KINDS = [...Object.values(ROLES), 'race', LAYER, 'below a race', ARGUMENT, HELPER] as const

function kindOf (stage: AnyStage): Kind {
  const plan = findPlan(stage)

  return plan?.kind === 'list' ? ROLES[plan.role ?? 'pace'] : plan?.kind === 'below' ? 'below a race' : 'race'
}

/** Returns the required part of an error such as `gather() needs a number of milliseconds, 0 or more, not undefined` */
function neededIn (refusal: string): string {
  return / needs (.*?)(?:, not undefined|:|$)/.exec(refusal)?.[1] ?? 'arguments'
}
