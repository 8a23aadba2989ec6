import { AbortError } from '@libp2p/interface'
import { makeStage } from '../runtime/make-stage.ts'
import type { Alternative, CombinedPlan } from '../runtime/make-stage.ts'
import type { Part } from '../runtime/part.ts'
import type { AnyStage, Flow, Stage } from '../types.ts'
import type { Connection } from '@libp2p/interface'

/** Returns the inputs that every one of several stages accepts */
export function acceptedByAll (stages: readonly [AnyStage, ...AnyStage[]]): Array<keyof Flow> {
  return (Object.keys(stages[0].accepts) as Array<keyof Flow>).filter(flow => stages.every(one => one.accepts[flow] === true))
}

export function makeCombinator<const N extends string, In extends keyof Flow> (name: N, pipelines: readonly [AnyStage, ...AnyStage[]], connect: CombinedPlan['connect']): Stage<In, 'connections', N> {
  return makeStage({ name, accepts: acceptedByAll(pipelines) as In[], yields: 'connections', options: pipelines.flatMap(({ options }) => options) }, { kind: 'combined', pipelines, connect })
}

// shared: creating an Error costs more than the rest of the ending
const LEFT = new AbortError('The pipeline was left')

/** Runs a pipeline in a part of the dial, and ends the part afterwards. Returns whether the pipeline has yielded a connection */
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
