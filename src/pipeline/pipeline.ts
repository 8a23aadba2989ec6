import { edit, EDIT_NAMES } from './edits.ts'
import { InvalidPipelineError } from './errors.ts'
import { faultsIn } from './order-check.ts'
import { makeStage } from './runtime/make-stage.ts'
import type { FitAfter, FitBefore, FitInstead, NameIn, NameWithout, Others, OutWith, OutWithout } from './edited.ts'
import type { Factory, Fit, InOf } from './ordered.ts'
import type { AnyStage, Flow, Stage } from './types.ts'

type Stages<S extends readonly unknown[]> = Extract<S[number], AnyStage>
type First<S extends readonly unknown[]> = S extends readonly [infer F extends AnyStage, ...unknown[]] ? F : Stages<S>
type Last<S extends readonly unknown[]> = S extends readonly [...unknown[], infer L extends AnyStage] ? L : Stages<S>
// of a list that is made at run time nobody knows
type OutOf<S extends AnyStage> = keyof Flow extends S['yields'] ? any : S['yields']
type Placed = AnyStage | Factory

/**
 * An ordered, immutable sequence of stages; itself a stage, so pipelines nest. Its type knows its stages by name, and the compiler refuses an
 * edit that can be right in no sequence. Whether it is right in this one is checked when the edit is made
 */
export interface Pipeline<In extends keyof Flow = keyof Flow, Out extends keyof Flow = any, S extends AnyStage = AnyStage> extends Stage<In, Out, 'pipeline'> {
  readonly stages: readonly AnyStage[]

  /** The same pipeline with another stage in the place of the one of that name */
  replace<N extends string, X extends Placed> (name: NameIn<S, N>, stage: FitInstead<S, N, X>): Pipeline<In | InOf<X>, Out, Others<S, N> | Extract<X, AnyStage>>
  /** The same pipeline with a stage put in above the one of that name */
  before<N extends string, X extends Placed> (name: NameIn<S, N>, stage: FitBefore<S, N, X>): Pipeline<In | InOf<X>, OutWith<Out, X>, S | Extract<X, AnyStage>>
  /** The same pipeline with a stage put in below the one of that name */
  after<N extends string, X extends Placed> (name: NameIn<S, N>, stage: FitAfter<S, N, X>): Pipeline<In, OutWith<Out, X>, S | Extract<X, AnyStage>>
  /** The same pipeline without the stage of that name */
  without<N extends string> (name: NameWithout<S, N>): Pipeline<In, OutWithout<S, N, Out>, Others<S, N>>
}

/** Any pipeline */
export type AnyPipeline = AnyStage & { readonly stages: readonly AnyStage[] }

/**
 * Puts stages together; the list reads top to bottom as time goes. A stage that does not fit the one above it is a
 * compile error on that stage. A node takes a pipeline as `services: { dialer: dialer(pipeline) }`.
 *
 * @throws InvalidPipelineError with every fault, naming stage and position
 */
export function pipeline<const S extends readonly [unknown, ...unknown[]]> (...stages: { [K in keyof S]: Fit<S, K> }): Pipeline<InOf<First<S>>, OutOf<Last<S>>, Stages<S>> {
  return pipelineOf(stages as unknown as AnyStage[])
}

/**
 * The twin of `pipeline` for a list that is made at run time: the order is checked only when it is called
 *
 * @throws InvalidPipelineError with every fault, naming stage and position
 */
export function pipelineOf (stages: readonly AnyStage[]): Pipeline {
  const faults = faultsIn(stages)

  if (faults.length > 0) {
    throw new InvalidPipelineError(`The pipeline cannot be put together: ${faults.join('; ')}`)
  }

  const own = Object.freeze([...stages])
  const edits = EDIT_NAMES.map(how => [how, (...args: readonly unknown[]) => pipelineOf(edit(own, how, args))])

  return makeStage({
    name: 'pipeline',
    accepts: Object.keys(own[0]?.accepts ?? {}) as Array<keyof Flow>,
    yields: own.at(-1)?.yields as keyof Flow,
    options: own.flatMap(({ options }) => options)
  }, { kind: 'pipeline', stages: own }, { stages: own, ...Object.fromEntries(edits) })
}
