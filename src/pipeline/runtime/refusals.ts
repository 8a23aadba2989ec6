import type { AnyStage } from '../types.ts'

const refusers = new WeakMap<Error, AnyStage>()

/** Notes that an attempt fails with an error because a stage below its race refuses the connection */
export function refusedBy<E extends Error> (stage: AnyStage, error: E): E {
  refusers.set(error, stage)

  return error
}

export function refuserOf (error: Error): AnyStage | undefined {
  return refusers.get(error)
}
