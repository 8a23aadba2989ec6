import type { AnyStage, Flow } from '../types.ts'

/** What all of several stages can stand below */
export type InOfAll<S> = keyof Extract<S, AnyStage>['accepts'] & keyof Flow

/** The same at run time */
export function acceptedByAll (stages: readonly [AnyStage, ...AnyStage[]]): Array<keyof Flow> {
  return (Object.keys(stages[0].accepts) as Array<keyof Flow>).filter(flow => stages.every(one => one.accepts[flow] === true))
}
