import { partsOf } from './runtime/make-stage.ts'
import type { AnyStage } from './types.ts'

/** The key of the method that Node.js's `console.log` calls. Browsers show the object instead */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/**
 * Returns a pipeline as `console.log` prints it: one line for each stage, with nested pipelines indented
 *
 * @param depth the number of nested levels to print. Below 0: a summary in one line
 */
export function inspectStages (stage: AnyStage, depth: number | null = 2): string {
  if (depth != null && depth < 0) {
    return `[${stage.name} of ${partsOf(stage).length} stages]`
  }

  return linesOf(stage).join('\n')
}

function linesOf (stage: AnyStage): string[] {
  const { name, options } = stage
  const parts = partsOf(stage)

  return parts.length === 0
    ? [options.length === 0 ? name : `${name} (dial options: ${options.join(', ')})`]
    : [`${name} {`, ...parts.flatMap(linesOf).map(line => `  ${line}`), '}']
}
