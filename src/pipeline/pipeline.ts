import { checkArguments, checkOptions, checkValue } from './check-options.ts'
import { edit, EDIT_NAMES } from './edits.ts'
import { InvalidPipelineError } from './errors.ts'
import { INSPECT, inspectStages } from './inspect.ts'
import { isStage } from './describe-value.ts'
import { NAME } from './option-kinds.ts'
import { faultsIn } from './order-check.ts'
import { makeStage } from './runtime/make-stage.ts'
import type { OptionKind } from './option-kinds.ts'
import type { Fit, InOf } from './ordered.ts'
import type { AnyStage, Flow } from './types.ts'
import type { Pipeline } from './edited.ts'

/** The stages among the arguments of `pipeline()`: a name may stand first */
type Listed<A extends readonly unknown[]> = A extends readonly [string, ...infer S] ? S : A
type Stages<A extends readonly unknown[]> = Extract<Listed<A>[number], AnyStage>
type First<A extends readonly unknown[]> = Listed<A> extends readonly [infer F extends AnyStage, ...unknown[]] ? F : Stages<A>
type Last<A extends readonly unknown[]> = A extends readonly [...unknown[], infer L extends AnyStage] ? L : Stages<A>
type Named<A extends readonly unknown[]> = A extends readonly [infer N extends string, ...unknown[]] ? N : 'pipeline'
// of a list that is made at run time nobody knows
type OutOf<S extends AnyStage> = keyof Flow extends S['yields'] ? any : S['yields']

const PIPELINE_NAME: OptionKind = { expected: 'a name without /', test: name => NAME.test(name) && !(name as string).includes('/') }

const STAGES: OptionKind = { expected: 'an array of stages', test: Array.isArray, advise: value => isStage(value) ? 'pipelineOf([…])' : undefined }

/**
 * Puts stages together; the list reads top to bottom as time goes. A stage that does not fit the one above it is a
 * compile error on that stage. A node takes a pipeline as `services: { dialer: dialer(pipeline) }`.
 *
 * A name may stand first: `pipeline('known', fromKnown(), certified())`. Edits of a pipeline around it then say `known/certified`.
 *
 * @throws InvalidPipelineError with every fault, naming stage and position
 */
export function pipeline<const A extends readonly [unknown, ...unknown[]]> (...stages: { [K in keyof A]: Fit<A, K> }): Pipeline<InOf<First<A>>, OutOf<Last<A>>, Stages<A>, Named<A>> {
  const [name, ...rest] = stages as readonly unknown[]
  // `any`: the signature computes the type and has checked the order, and a list of stages says neither

  if (typeof name !== 'string') {
    return pipelineOf(stages as unknown as AnyStage[]) as any
  }

  checkValue('pipeline()', name, PIPELINE_NAME)

  return pipelineOf(rest as AnyStage[], { name }) as any
}

/**
 * The twin of `pipeline` for a list that is made at run time: the order is checked only when it is called
 *
 * @param init.name for edits of a pipeline around it @default 'pipeline'
 * @throws InvalidPipelineError with every fault, naming stage and position
 */
export function pipelineOf<const N extends string = 'pipeline'> (stages: readonly AnyStage[], init: { name?: N } = {}): Pipeline<'target' | 'candidates' | 'connections', any, AnyStage, N> {
  checkValue('pipelineOf()', stages, STAGES)
  checkArguments('pipelineOf()', arguments, 2)
  checkOptions('pipelineOf()', init, { name: PIPELINE_NAME })
  const { name = 'pipeline' as N } = init
  const faults = faultsIn(stages)

  if (faults.length > 0) {
    throw new InvalidPipelineError(`The ${name === 'pipeline' ? 'pipeline' : `pipeline "${name}"`} cannot be put together: ${faults.join('; ')}`)
  }

  const own = Object.freeze([...stages])
  const edits = EDIT_NAMES.map(how => [how, (...args: readonly unknown[]) => pipelineOf(edit(own, how, args), { name })])

  const made: AnyStage = makeStage({
    name,
    accepts: Object.keys(own[0]?.accepts ?? {}) as Array<keyof Flow>,
    yields: own.at(-1)?.yields as keyof Flow,
    options: own.flatMap(({ options }) => options)
  }, { kind: 'pipeline', stages: own }, { stages: own, ...Object.fromEntries(edits), [INSPECT]: (depth: number | null) => inspectStages(made, depth) })

  return made as any
}
