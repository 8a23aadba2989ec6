import { describeValue } from '../../pipeline/describe-value.ts'
import { InvalidStageOutputError } from '../../pipeline/errors.ts'

/** The error of a stage that breaks the contract */
export class Violation extends Error {
  static override name = 'Violation'

  constructor (message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Violation'
  }
}

/** Turns an error of a stage, or the refusal of its output, into a violation */
export function violationOf (error: unknown): Violation {
  return new Violation(error instanceof InvalidStageOutputError ? error.message : `it threw ${describeValue(error)}`, { cause: error })
}

/** @throws Violation with the message `otherwise`, unless the condition holds */
export function expect (holds: boolean, otherwise: string): asserts holds {
  if (!holds) {
    throw new Violation(otherwise)
  }
}
