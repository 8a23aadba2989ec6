import nodeModule from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as presets from '../../presets/index.ts'
import { checkConnects } from '../dialer/dials/pipelines.ts'
import { suggestName } from '../pipeline/option-kinds.ts'
import { UsageError } from './exit-codes.ts'
import type { DialPipeline } from '../pipeline/types.ts'

const PACKAGE = 'libp2p-dial-pipeline'

/** Returns each exported preset with its default options */
export function allPresets (): Record<string, DialPipeline> {
  return Object.fromEntries(Object.entries(presets).map(([name, preset]) => [name, withDefaults(preset as (init?: object) => DialPipeline)]))
}

function withDefaults (preset: (init?: object) => DialPipeline): DialPipeline {
  try {
    return preset()
  } catch {
    // some presets require an options object
    return preset({})
  }
}

/** Returns a preset by name. @throws UsageError for an unknown name */
export function presetOf (name: string): DialPipeline {
  const all = allPresets()
  const preset = Object.hasOwn(all, name) ? all[name] : undefined

  if (preset == null) {
    const meant = suggestName(name, Object.keys(all))
    throw new UsageError(`there is no preset ${JSON.stringify(name)}${meant == null ? '.' : `: did you mean ${meant}?`} The presets are ${Object.keys(all).join(', ')}`)
  }

  return preset
}

/**
 * Imports the default export of a user's module, which runs its code. The module imports this copy of the package, even when none is
 * installed beside it
 *
 * @throws UsageError for a file that cannot be imported, and for an export that is not a pipeline that dials
 */
export async function pipelineIn (file: string): Promise<DialPipeline> {
  // registerHooks() is missing before Node.js 22.15: a module then needs the package beside it
  const hooks = (nodeModule as Partial<typeof nodeModule>).registerHooks?.({
    resolve: (specifier, context, next) => next(specifier, specifier === PACKAGE || specifier.startsWith(`${PACKAGE}/`) ? { ...context, parentURL: import.meta.url } : context)
  })

  try {
    const { default: pipeline } = await import(pathToFileURL(resolve(file)).href) as { default?: DialPipeline }

    if (pipeline === undefined) {
      throw new UsageError('it has no default export: write `export default pipeline(…)`')
    }

    checkConnects(pipeline, 'export default adaptive()', 'the default export')

    return pipeline
  } catch (err) {
    throw new UsageError(`cannot use ${file} as a pipeline: ${err instanceof Error ? err.message : String(err)}`, { cause: err })
  } finally {
    hooks?.deregister()
  }
}

/**
 * Returns the pipeline that the command's options select
 *
 * @throws UsageError for an unknown preset or an invalid module
 */
export async function choosePipeline ({ preset, pipeline }: { preset?: string, pipeline?: string }): Promise<DialPipeline> {
  if (preset != null && pipeline != null) {
    throw new UsageError('--preset and --pipeline exclude each other')
  }

  return pipeline == null ? presetOf(preset ?? 'adaptive') : pipelineIn(pipeline)
}
