import { describeValue } from './describe-value.ts'
import { InvalidStageOutputError } from './errors.ts'

/** What a stage has thrown. What is no Error says nothing of where it was thrown: it is wrapped, with the name of the stage */
export function toStageError (stage: string, thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new InvalidStageOutputError(stage, `threw ${describeValue(thrown)}`, { cause: thrown })
}
