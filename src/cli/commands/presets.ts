import { allPresets } from '../pipelines.ts'
import { wrapped } from '../table.ts'
import type { AnyStage } from '../../pipeline/types.ts'
import type { Context } from '../context.ts'

/** Prints each exported preset with its stages */
export function printPresets (context: Context, { json = false }: { json?: boolean }): void {
  const presets = Object.entries(allPresets()).map(([name, pipeline]) => ({ name, stages: (pipeline as AnyStage & { stages: readonly AnyStage[] }).stages.map(stage => stage.name) }))

  if (json) {
    context.printJson(presets)
    return
  }

  context.print(presets.map(({ name, stages }) => `${context.paint.bold(name)}\n${wrapped(stages, context.columns, '  ', ' › ')}`).join('\n\n'))
}
