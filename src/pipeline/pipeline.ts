import { edit, EDIT_NAMES } from './edits.ts'
import { InvalidPipelineError } from './errors.ts'
import { faultsIn } from './order-check.ts'
import { compose } from './observe.ts'
import { layersOf, make, runStages } from './run.ts'
import type { Fit, NameOf, Swap, IfOrdered, Insert } from './ordered.ts'
import type { AnyStageInit, DialComponents, Flow, Stage, StageInit } from './types.ts'

type First<S extends readonly AnyStageInit[]> = S extends readonly [infer F extends AnyStageInit, ...unknown[]] ? F : S[number]
type Last<S extends readonly AnyStageInit[]> = S extends readonly [...unknown[], infer L extends AnyStageInit] ? L : S[number]
type InOf<S extends AnyStageInit> = keyof S['accepts'] & keyof Flow
// of a list that is made at run time nobody knows
type OutOf<S extends AnyStageInit> = keyof Flow extends S['yields'] ? any : S['yields']

/** An ordered, immutable sequence of stages; itself a stage, so pipelines nest */
export interface Pipeline<S extends readonly AnyStageInit[] = readonly AnyStageInit[], In extends keyof Flow = InOf<First<S>>, Out extends keyof Flow = OutOf<Last<S>>> extends StageInit<In, Out, 'pipeline'> {
  readonly stages: S

  /** The same pipeline with another stage in the place of the one of that name */
  replace<N extends NameOf<S[number]>, X extends AnyStageInit> (name: N, stage: IfOrdered<Swap<S, N, [X]>, X>): Pipeline<Swap<S, N, [X]>>
  /** The same pipeline with a stage put in above the one of that name */
  before<N extends NameOf<S[number]>, X extends AnyStageInit> (name: N, stage: IfOrdered<Insert<S, N, X, 'before'>, X>): Pipeline<Insert<S, N, X, 'before'>>
  /** The same pipeline with a stage put in below the one of that name */
  after<N extends NameOf<S[number]>, X extends AnyStageInit> (name: N, stage: IfOrdered<Insert<S, N, X, 'after'>, X>): Pipeline<Insert<S, N, X, 'after'>>
  /** The same pipeline without the stage of that name */
  without<N extends NameOf<S[number]>> (name: IfOrdered<Swap<S, N, []>, N>): Pipeline<Swap<S, N, []>>
}

/** Any pipeline */
export type AnyPipeline = AnyStageInit & { readonly stages: readonly AnyStageInit[] }

/**
 * Puts stages together; the list reads top to bottom as time goes. A stage that does not fit the one above it is a
 * compile error on that stage. A node takes a pipeline as `services: { dialer: dialer(pipeline) }`.
 *
 * @throws InvalidPipelineError with every fault, naming stage and position
 */
export function pipeline<const S extends readonly [AnyStageInit, ...AnyStageInit[]]> (...stages: { [K in keyof S]: Fit<S, K> }): Pipeline<S> {
  return pipelineOf(stages) as unknown as Pipeline<S>
}

/**
 * The twin of `pipeline` for a list that is made at run time: the order is checked only when it is called
 *
 * @throws InvalidPipelineError with every fault, naming stage and position
 */
export function pipelineOf (stages: readonly AnyStageInit[]): Pipeline {
  const faults = faultsIn(stages)

  if (faults.length > 0) {
    throw new InvalidPipelineError(`The pipeline cannot be put together: ${faults.join('; ')}`)
  }

  const own = Object.freeze([...stages])
  const first = own[0] as AnyStageInit
  const last = own[own.length - 1] as AnyStageInit

  const init = (components: DialComponents): Stage<keyof Flow, keyof Flow> => {
    checkComponents(components)
    const made = own.map(stage => make(stage, components))

    return {
      run: (source, dial) => runStages(made, source, dial),
      layers: layersOf(made)
    }
  }

  return compose(Object.defineProperties(init, {
    name: { value: 'pipeline' },
    accepts: { value: first.accepts },
    yields: { value: last.yields },
    options: { value: Object.freeze(own.flatMap(({ options = [] }) => options)) },
    stages: { value: own },
    ...Object.fromEntries(EDIT_NAMES.map(how => [how, { value: (...args: readonly unknown[]) => pipelineOf(edit(own, how, args)) }]))
  }) as unknown as Pipeline)
}

/**
 * libp2p makes a service with the components of the node, which throws where a component is asked for that it does not have
 *
 * @throws InvalidPipelineError where the pipeline is made as a service of its own
 */
function checkComponents (components: DialComponents): void {
  try {
    if (components.settings != null) {
      return
    }
  } catch {
    // as where there are none
  }

  throw new InvalidPipelineError('Cannot use a pipeline as a libp2p service: a dialer runs it. Write `services: { dialer: dialer(adaptive()) }`')
}
