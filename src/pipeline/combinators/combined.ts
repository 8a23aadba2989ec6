import { AbortError } from '@libp2p/interface'
import { makeStage } from '../runtime/make-stage.ts'
import type { Part } from '../runtime/part.ts'
import type { Alternative, CombinedPlan } from '../runtime/plan.ts'
import type { AnyStage, Flow, Stage } from '../types.ts'
import type { Connection } from '@libp2p/interface'

/** What all of several stages can stand below */
export type InOfAll<S> = keyof Extract<S, AnyStage>['accepts'] & keyof Flow

/** The same at run time */
export function acceptedByAll (stages: readonly [AnyStage, ...AnyStage[]]): Array<keyof Flow> {
  return (Object.keys(stages[0].accepts) as Array<keyof Flow>).filter(flow => stages.every(one => one.accepts[flow] === true))
}

/** Makes a stage that runs pipelines which yield connections */
export function combined<const N extends string, In extends keyof Flow> (name: N, pipelines: readonly [AnyStage, ...AnyStage[]], connect: CombinedPlan['connect']): Stage<In, 'connections', N> {
  return makeStage({ name, accepts: acceptedByAll(pipelines) as In[], yields: 'connections', options: pipelines.flatMap(({ options }) => options) }, { kind: 'combined', pipelines, connect })
}

// shared: creating an Error costs more than the rest of the end
const LEFT = new AbortError('The pipeline was left')

/** Runs a pipeline in a part of the dial that ends with it. Returns whether it has connected */
export async function * runIn (part: Part, pipeline: Alternative): AsyncGenerator<Connection, boolean> {
  let hasConnected = false

  try {
    for await (const connection of pipeline(part)) {
      hasConnected = true
      yield connection
    }
  } finally {
    part.end(LEFT)
  }

  return hasConnected
}
