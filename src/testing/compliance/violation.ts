/** What a stage did that it must not do */
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
