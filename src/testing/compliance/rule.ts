import type { Bench } from './bench.ts'

/** One point of the contract, and how it is checked for each kind of stage */
export interface Rule {
  readonly point: number
  readonly title: string
  /** From a target or candidates to candidates */
  readonly lists?: Check
  /** From a target or candidates to connections */
  readonly races?: Check
  /** From connections to connections */
  readonly settling?: Check
}

/** @throws Violation */
export type Check = (bench: Bench) => Promise<void>

/** What a stage did that its contract does not allow */
export class Violation extends Error {
  static override name = 'Violation'

  constructor (message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Violation'
  }
}

/** @throws Violation unless it holds */
export function expect (holds: boolean, otherwise: string): asserts holds {
  if (!holds) {
    throw new Violation(otherwise)
  }
}

/** One after the other, for one kind of stage */
export function all (...checks: readonly Check[]): Check {
  return async bench => {
    for (const check of checks) {
      await check(bench)
    }
  }
}
