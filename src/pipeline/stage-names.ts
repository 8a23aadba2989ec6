import { pathIn } from './runtime/connect.ts'
import { partsOf, planOf } from './runtime/make-stage.ts'
import type { AnyStage } from './types.ts'

/** Returns whether a place names a stage, at the top or in a nested pipeline: `policy/gater` names a `gater` */
export function isNamed (place: string, name: string): boolean {
  return place === name || place.endsWith(`/${name}`)
}

/** The names in a pipeline */
export interface PipelineNames {
  /** Undefined for an unnamed pipeline */
  readonly name?: string
  /** The names of its stages, top to bottom, as edits write them: `policy/gater` */
  readonly stages: readonly string[]
}

/** Cached: a pipeline never changes */
const known = new WeakMap<AnyStage, PipelineNames>()

/** Returns the names in a pipeline, the same object on each call */
export function namesIn (pipeline: AnyStage): PipelineNames {
  let names = known.get(pipeline)

  if (names == null) {
    const hasName = pathIn(pipeline, '') !== ''
    const stages = Object.freeze(partsOf(pipeline).flatMap(one => stagesIn(one, '')))
    names = Object.freeze({ ...hasName ? { name: pipeline.name } : {}, stages })
    known.set(pipeline, names)
  }

  return names
}

function stagesIn (stage: AnyStage, path: string): string[] {
  const isPipeline = planOf(stage).kind === 'pipeline'
  const parts = partsOf(stage).flatMap(one => stagesIn(one, isPipeline ? pathIn(stage, path) : path))

  return isPipeline ? parts : [`${path}${stage.name}`, ...parts]
}
