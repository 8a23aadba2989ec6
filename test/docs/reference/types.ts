import { entries, exportedNames } from '../../support/exported-names.ts'
import { firstSentence } from './comments.ts'
import { find } from './declarations.ts'
import { code, table } from './table.ts'

const names = new Map(await Promise.all(entries.map(async ([entry, file]) => [entry, await exportedNames(file)] as const)))

/** Entries that have types, without the `./` in front. The root is `root` */
export const typeEntries = [...names].filter(([, all]) => all.some(isType)).map(([entry]) => sectionOf(entry))

/** Returns the table of the types and classes that an entry exports */
export function typeTable (section: string): string {
  const all = [...names].find(([entry]) => sectionOf(entry) === section)?.[1] ?? []

  return table(['type', 'description'], all.filter(isType).toSorted().map(name => [code(name), descriptionOf(name)]))
}

function descriptionOf (name: string): string {
  const description = firstSentence(find(name).comment.text)

  if (description === '') {
    throw new Error(`${name} is exported and has no doc comment`)
  }

  return description
}

function isType (name: string): boolean {
  return /^[A-Z]/.test(name)
}

function sectionOf (entry: string): string {
  return entry === '.' ? 'root' : entry.slice(2)
}
