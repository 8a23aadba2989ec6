import { describeValue } from '../../pipeline/describe-value.ts'
import { InvalidStageOutputError } from '../../pipeline/errors.ts'

/** What a stage did that it must not do */
export class Violation extends Error {
  static override name = 'Violation'

  constructor (message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Violation'
  }
}

/** What a stage has thrown, or what its answer was refused with */
export function violationOf (error: unknown): Violation {
  return new Violation(error instanceof InvalidStageOutputError ? error.message : `it threw ${describeValue(error)}`, { cause: error })
}

/** @throws Violation unless it holds */
export function expect (holds: boolean, otherwise: string): asserts holds {
  if (!holds) {
    throw new Violation(otherwise)
  }
}
