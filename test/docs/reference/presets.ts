import * as exported from '../../../presets/index.ts'
import { allPresets } from '../../../src/cli/pipelines.ts'
import { firstSentence, summary } from './comments.ts'
import { find } from './declarations.ts'
import { callOf, namesOf } from './options.ts'
import { code, table } from './table.ts'
import type { AnyStage } from '../../../src/pipeline/types.ts'

/** Returns the table of all presets */
export function presetTable (): string {
  return table(['preset', 'description'], namesOf(exported).map(name => [`[${code(`${name}()`)}](#${name.toLowerCase()})`, firstSentence(find(name, 'presets/').comment.text)]))
}

/** Returns a section for each preset: what it is for, and its stages */
export function presetStages (): string {
  const made = allPresets()

  return namesOf(exported).map(name => {
    const { stages } = made[name] as AnyStage & { stages: readonly AnyStage[] }
    const { text } = find(name, 'presets/').comment

    return `### ${name}\n\n\`\`\`text\n${callOf(name, 'presets/')}\n\`\`\`\n\n${summary(text)}.\n\n${stages.map(stage => code(stage.name)).join(' › ')}`
  }).join('\n\n')
}
