import type { AnyPipeline } from './pipeline.ts'
import type { AnyStage } from './types.ts'

/**
 * Returns the edit that puts a filter where it judges every address of a pipeline: below `resolve`, else above the race. Undefined: there
 * is no such place, or its name does not say which
 *
 * @param filter as users write it: `provenance()`
 */
export function placeForFilter (pipeline: AnyStage | AnyPipeline, filter: string): string | undefined {
  const { stages = [] } = pipeline as Partial<AnyPipeline>
  const isUnique = ({ name }: AnyStage): boolean => stages.filter(stage => stage.name === name).length === 1
  const lastSource = stages.findLastIndex(({ accepts }) => accepts.target === true)
  const resolve = stages.find(({ name, yields }, i) => name === 'resolve' && yields === 'candidates' && i > lastSource)

  if (resolve != null && isUnique(resolve)) {
    return `pipeline.after('resolve', ${filter})`
  }

  const at = stages.findIndex(({ yields }) => yields === 'connections')
  const race = stages[at]

  return race != null && isUnique(race) && race.accepts.candidates === true && stages[at - 1]?.yields === 'candidates' ? `pipeline.before('${race.name}', ${filter})` : undefined
}
