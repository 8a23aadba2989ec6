import { checkValue } from '../check-options.ts'
import { FUNCTION, NAME } from '../option-kinds.ts'

/**
 * Checks what the authoring helpers take: the name of a stage, and its functions
 *
 * @param owner the name of the helper
 * @throws InvalidPipelineError for an empty name, and for what is not a function
 */
export function checkHelper (owner: string, name: string, ...functions: readonly unknown[]): void {
  checkValue(`${owner}()`, name, { ...NAME, advise: value => typeof value === 'function' ? `${owner}('…', …)` : undefined })
  functions.forEach(fn => { checkValue(`${owner}("${name}")`, fn, FUNCTION) })
}
