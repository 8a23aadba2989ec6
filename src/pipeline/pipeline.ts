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

/** The stages among the arguments of `pipeline()`, without the optional name */
type Listed<A extends readonly unknown[]> = A extends readonly [string, ...infer S] ? S : A
type Stages<A extends readonly unknown[]> = Extract<Listed<A>[number], AnyStage>
type First<A extends readonly unknown[]> = Listed<A> extends readonly [infer F extends AnyStage, ...unknown[]] ? F : Stages<A>
type Last<A extends readonly unknown[]> = A extends readonly [...unknown[], infer L extends AnyStage] ? L : Stages<A>
type Named<A extends readonly unknown[]> = A extends readonly [infer N extends string, ...unknown[]] ? N : 'pipeline'
// the output of a list that is built at run time is unknown
type OutOf<S extends AnyStage> = keyof Flow extends S['yields'] ? any : S['yields']

const PIPELINE_NAME: OptionKind = { expected: 'a name without /', test: name => NAME.test(name) && !(name as string).includes('/') }

const STAGES: OptionKind = { expected: 'an array of stages', test: Array.isArray, advise: value => isStage(value) ? 'pipelineOf([…])' : undefined }

/**
 * Creates a pipeline from stages, top to bottom in the order of time. A stage that does not fit the one above it is a compile error on that
 * stage. A node takes the pipeline as `services: { dialer: dialer(pipeline) }`.
 *
 * ```ts
 * pipeline(fromCaller(), fromPeerStore(), resolve(), dialable(), stagger(250), race())
 * ```
 *
 * An optional name comes first: `pipeline('known', fromKnown(), certified())`. An edit of a pipeline around it then says `known/certified`.
 *
 * @throws InvalidPipelineError with every fault, naming stage and position
 */
export function pipeline<const A extends readonly [unknown, ...unknown[]]> (...stages: { [K in keyof A]: Fit<A, K> }): Pipeline<InOf<First<A>>, OutOf<Last<A>>, Stages<A>, Named<A>> {
  const [name, ...rest] = stages as readonly unknown[]

  if (typeof name !== 'string') {
    // `any`: the signature computes the type and has checked the order, which the array of stages loses
    return pipelineOf(stages as unknown as AnyStage[]) as any
  }

  checkValue('pipeline()', name, PIPELINE_NAME)

  // `any`: as above
  return pipelineOf(rest as AnyStage[], { name }) as any
}

/**
 * Creates a pipeline from an array that is built at run time. The order of the stages is checked when the function is called, and not by the
 * compiler.
 *
 * @param init.name the name for edits of a pipeline around this one. Default: 'pipeline'
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

  // `any`: the callers' signatures name the type, which depends on the stages
  return made as any
}
