import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../support/root.ts'
import { readComment } from './comments.ts'
import type { DocComment } from './comments.ts'

export interface Declaration {
  readonly name: string
  /** The file, relative to the root */
  readonly file: string
  readonly comment: DocComment
  /** The source from the name to the end of the declaration */
  readonly text: string
}

export interface Member {
  readonly name: string
  readonly type: string
  readonly isOptional: boolean
  readonly comment: DocComment
}

const DECLARATION = /^(?:(\/\*\*(?:(?!\*\/)[^])*\*\/)\n(?:\/\/.*\n)*)?export (?:async )?(interface|class|function|type) (\w+)/gm
const MEMBER = /^(?: {2}(\/\*\*(?:(?!\*\/)[^])*\*\/)\n)? {2}(?:readonly )?(\w+|'[^']+')(\?)?: (.+(?:\n {4,}.+)*)$/gm

/** The sources of the package, by file */
export const sources = new Map<string, string>()

for await (const file of glob('{src,presets}/**/*.ts', { cwd: root })) {
  sources.set(file, await readFile(join(root, file), 'utf8'))
}

const declarations = Array.from(sources, ([file, text]) => Array.from(text.matchAll(DECLARATION), ({ 0: head, 1: comment, 2: kind, 3: name = '', index }): Declaration => {
  const rest = text.slice(index + head.length - name.length)

  return { name, file, comment: readComment(comment), text: rest.slice(0, (kind === 'type' ? /\n\n/ : /\n\}/).exec(rest)?.index) }
})).flat()

/**
 * Returns a declaration of the sources. For an overloaded function it returns the first signature
 *
 * @throws Error if there is none
 */
export function find (name: string, inFolder = ''): Declaration {
  const found = declarations.find(one => one.name === name && one.file.startsWith(inFolder)) ?? declarations.find(one => one.name === name)

  if (found == null) {
    throw new Error(`no file declares ${name}`)
  }

  return found
}

/** Returns the values of a type that is a union of strings. Returns any other type unchanged */
export function withValues (type: string): string {
  const { text = '' } = declarations.find(one => one.name === type && isType(one)) ?? {}

  return /^\w+ = ('[^']+'(?: \| '[^']+')*)$/.exec(text.trim())?.[1] ?? type
}

/** Returns the members of a type of the package, including inherited and intersected ones. Other names have none */
export function membersOf (name: string): Member[] {
  const found = declarations.find(one => one.name === name && isType(one))

  if (found == null) {
    return []
  }

  const [, parents = ''] = /^\w+(?:<[^{]*>)? (?:extends|=) ([^{]+)(?:\{|$)/.exec(found.text) ?? []
  const [, parameter, values = ''] = /^\w+<(\w+) extends ([^>]+?)(?: \| undefined)?>/.exec(found.text) ?? []
  const own = Array.from(found.text.matchAll(MEMBER), ([, comment, name = '', mark, type = '']): Member => ({
    name: name.replaceAll('\'', ''), type: type === parameter ? values : shown(type), isOptional: mark != null, comment: readComment(comment)
  }))

  return [...own, ...parents.split(/(?:,| &)(?![^<]*>)/).flatMap(parent => inherited(parent.trim()))]
}

/** Returns a type on one line. `| undefined` is left out: every option can be undefined */
function shown (type: string): string {
  return type.replaceAll(/\s+/g, ' ').replace(/ \| undefined$/, '').replace(/^\((\(.*)\)$/, '$1')
}

function isType ({ name, file }: Declaration): boolean {
  return new RegExp(`^export (?:interface|type) ${name}\\b`, 'm').test(sources.get(file) ?? '')
}

/** Returns the members of a parent type. `Pick<X, 'a'>` has only the named ones */
function inherited (parent: string): Member[] {
  const [, picked, names = ''] = /^Pick<(\w+), ([^>]+)>$/.exec(parent) ?? []

  return picked == null ? membersOf(parent) : membersOf(picked).filter(({ name }) => names.includes(`'${name}'`))
}
