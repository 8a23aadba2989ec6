import * as exported from '../../../presets/index.ts'
import { allPresets } from '../../../src/cli/pipelines.ts'
import { capital, firstSentence } from './comments.ts'
import { find } from './declarations.ts'
import { callOf, namesOf } from './options.ts'
import { code, table } from './table.ts'
import type { AnyStage } from '../../../src/pipeline/types.ts'

/** Returns the table of all presets */
export function presetTable (): string {
  return table(['preset', 'description'], namesOf(exported).map(name => [`[${code(`${name}()`)}](#${name.toLowerCase()})`, capital(firstSentence(withoutReturns(name)))]))
}

/** Returns a section for each preset: what it is for, and its stages */
export function presetStages (): string {
  const made = allPresets()

  return namesOf(exported).map(name => {
    const { stages } = made[name] as AnyStage & { stages: readonly AnyStage[] }

    return `### ${name}\n\n\`\`\`text\n${callOf(name, 'presets/')}\n\`\`\`\n\n${capital(withoutReturns(name)).replace(/(?<![.!?])$/, '.')}\n\n${stages.map(stage => code(stage.name)).join(' › ')}`
  }).join('\n\n')
}

function withoutReturns (name: string): string {
  return find(name, 'presets/').comment.text.replace(/^Returns (?:a preset that )?/, '')
}
