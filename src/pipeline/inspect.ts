import { partsOf } from './runtime/make-stage.ts'
import type { AnyStage } from './types.ts'

/** The key of what `console.log` of Node.js calls. A browser shows the object */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/**
 * Returns a pipeline as `console.log` prints it: a line for each stage, those of nested pipelines further to the right
 *
 * @param depth how many levels of the object that the pipeline stands in are printed: below 0 none
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
