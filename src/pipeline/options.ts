import { UnsupportedDialOptionError } from './errors.ts'
import type { AnyStageInit } from './types.ts'

/** Per-dial options that mean something to stages. Any other reaches the transport, as libp2p's own do */
const stageOptions = new Set<string>(['provenance'])

/** A stage that reads an option of its own makes its name known, so that it is never ignored by a pipeline without the stage */
export function declareOptions (names: readonly string[]): void {
  names.forEach(name => stageOptions.add(name))
}

export function isStageOption (name: string): boolean {
  return stageOptions.has(name)
}

/** @throws UnsupportedDialOptionError when an option was passed that no stage of the pipeline reads */
export function checkOptions (options: object, pipeline: AnyStageInit): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && isStageOption(name) && pipeline.options?.includes(name) !== true) {
      throw new UnsupportedDialOptionError(`No stage of this pipeline reads the option "${name}". ${pipeline.options?.length ? `It reads: ${pipeline.options.join(', ')}` : 'It reads none'}`)
    }
  }
}
