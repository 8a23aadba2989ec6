import { checkOptions, checkValue } from './check-options.ts'
import { edit, EDIT_NAMES } from './edits.ts'
import { InvalidPipelineError } from './errors.ts'
import { NAME } from './option-kinds.ts'
import { faultsIn } from './order-check.ts'
import { makeStage } from './runtime/make-stage.ts'
import type { FitAfter, FitBefore, FitInstead, Instead, NameIn, NameWithout, OutWith, OutWithout, With } from './edited.ts'
import type { OptionKind } from './option-kinds.ts'
import type { Factory, Fit, InOf } from './ordered.ts'
import type { AnyStage, Flow, Stage } from './types.ts'

/** The stages among the arguments of `pipeline()`: a name may stand first */
type Listed<A extends readonly unknown[]> = A extends readonly [string, ...infer S] ? S : A
type Stages<A extends readonly unknown[]> = Extract<Listed<A>[number], AnyStage>
type First<A extends readonly unknown[]> = Listed<A> extends readonly [infer F extends AnyStage, ...unknown[]] ? F : Stages<A>
type Last<A extends readonly unknown[]> = A extends readonly [...unknown[], infer L extends AnyStage] ? L : Stages<A>
type Named<A extends readonly unknown[]> = A extends readonly [infer N extends string, ...unknown[]] ? N : 'pipeline'
// of a list that is made at run time nobody knows
type OutOf<S extends AnyStage> = keyof Flow extends S['yields'] ? any : S['yields']
type Placed = AnyStage | Factory

/**
 * An ordered, immutable sequence of stages; itself a stage, so pipelines nest. Its type knows its stages by name, and the compiler refuses an
 * edit that can be right in no sequence. Whether it is right in this one is checked when the edit is made.
 *
 * An edit reaches a stage of a nested pipeline as `name/stage`. A stage that is named after the dial option that it reads, as `provenance()`
 * is, stands in a pipeline once: to put in another replaces it.
 */
export interface Pipeline<In extends keyof Flow = 'target' | 'candidates' | 'connections', Out extends keyof Flow = any, S extends AnyStage = AnyStage, Name extends string = string> extends Stage<In, Out, Name> {
  readonly stages: readonly AnyStage[]

  /** The same pipeline with another stage in the place of the one of that name */
  replace<N extends string, X extends Placed> (name: NameIn<S, N>, stage: FitInstead<S, N, X>): Pipeline<In | InOf<X>, Out, Instead<S, N, X>, Name>
  /** The same pipeline with a stage put in above the one of that name */
  before<N extends string, X extends Placed> (name: NameIn<S, N>, stage: FitBefore<S, N, X>): Pipeline<In | InOf<X>, OutWith<Out, X>, With<S, N, X>, Name>
  /** The same pipeline with a stage put in below the one of that name */
  after<N extends string, X extends Placed> (name: NameIn<S, N>, stage: FitAfter<S, N, X>): Pipeline<In, OutWith<Out, X>, With<S, N, X>, Name>
  /** The same pipeline without the stage of that name */
  without<N extends string> (name: NameWithout<S, N>): Pipeline<In, OutWithout<S, N, Out>, Instead<S, N, never>, Name>
}

/** Any pipeline */
export type AnyPipeline = AnyStage & { readonly stages: readonly AnyStage[] }

const PIPELINE_NAME: OptionKind = { expected: 'a name without /', test: name => NAME.test(name) && !(name as string).includes('/') }

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
  checkOptions('pipelineOf()', init, { name: PIPELINE_NAME })
  const { name = 'pipeline' as N } = init
  const faults = faultsIn(stages)

  if (faults.length > 0) {
    throw new InvalidPipelineError(`The ${name === 'pipeline' ? 'pipeline' : `pipeline "${name}"`} cannot be put together: ${faults.join('; ')}`)
  }

  const own = Object.freeze([...stages])
  const edits = EDIT_NAMES.map(how => [how, (...args: readonly unknown[]) => pipelineOf(edit(own, how, args), { name })])

  return makeStage({
    name,
    accepts: Object.keys(own[0]?.accepts ?? {}) as Array<keyof Flow>,
    yields: own.at(-1)?.yields as keyof Flow,
    options: own.flatMap(({ options }) => options)
  }, { kind: 'pipeline', stages: own }, { stages: own, ...Object.fromEntries(edits) })
}
