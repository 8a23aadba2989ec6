import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceSection } from '../../../bench/docs/sections.ts'
import { root } from '../../support/root.ts'
import { otherErrors, ownErrors } from './errors.ts'
import { eventTable, logTable, metricTable, progressTable, spanTable } from './events.ts'
import { ENTRIES, optionTables } from './options.ts'
import { presetStages, presetTable } from './presets.ts'
import { stageTable } from './stages.ts'
import { typeEntries, typeTable } from './types.ts'
import type { Kind } from './stages.ts'

const KINDS: readonly Kind[] = ['source', 'filter', 'limit', 'expand', 'rank', 'time', 'race', 'layer', 'below', 'combinator', 'own', 'function']

/** The generators of the sections of each page */
const PAGES: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'docs/reference/stages.md': Object.fromEntries(KINDS.map(kind => [kind, () => stageTable(kind)])),
  'docs/reference/presets.md': { presets: presetTable, stages: presetStages },
  'docs/reference/options.md': Object.fromEntries([...Object.keys(ENTRIES), 'dial'].map(entry => [entry, () => optionTables(entry)])),
  'docs/reference/errors.md': { own: ownErrors, others: otherErrors },
  'docs/reference/events.md': { events: eventTable, progress: progressTable },
  'docs/reference/metrics.md': { metrics: metricTable, spans: spanTable },
  'docs/reference/logs.md': { logs: logTable },
  'docs/reference/types.md': Object.fromEntries(typeEntries.map(entry => [entry, () => typeTable(entry)]))
}

/** The pages of the reference with generated sections */
export const pageNames = Object.keys(PAGES)

/** Returns the current text of a page, and the text that the code generates */
export async function readPage (page: string): Promise<{ stands: string, should: string }> {
  const stands = await readFile(join(root, page), 'utf8')
  const should = Object.entries(PAGES[page] ?? {}).reduce((text, [name, make]) => replaceSection(text, name, make(), 'reference'), stands)

  return { stands, should }
}
