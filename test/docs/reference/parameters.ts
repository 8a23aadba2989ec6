import { find } from './declarations.ts'

export interface Parameter {
  /** The name. A rest parameter begins with `...` */
  readonly name: string
  readonly type: string
  /** The default as in the source, which may be the name of a constant */
  readonly default?: string
  readonly isOptional: boolean
}

/** The names in the sources of functions that are exported under another name */
const ALIASES: Readonly<Record<string, string>> = { candidate: 'checkedCandidate', peerOf: 'checkedPeerOf' }

/** Returns the declaration of an exported function */
export function findExported (name: string, inFolder: string): ReturnType<typeof find> {
  return find(ALIASES[name] ?? name, inFolder)
}

/** Returns the parameters of an exported function, parsed from its source */
export function parametersOf (name: string, inFolder: string): Parameter[] {
  const { text } = findExported(name, inFolder)
  const from = text.indexOf(' (') + 2

  return splitTop(text.slice(from, endOf(text, from)), ',').map(part => {
    const [declared = '', value] = splitTop(part, '=')
    const [, name = '', mark, type] = /^([^:?]+?)(\?)?(?:: ([^]+))?$/.exec(declared.trim()) ?? []

    return { name, type: (type ?? typeOf(value?.trim())).replaceAll(/\s+/g, ' '), isOptional: mark != null || value != null || name.startsWith('...'), default: value?.trim() }
  })
}

function typeOf (value = ''): string {
  return /^(?:Infinity|[\d_]+)$/.test(value) ? 'number' : ''
}

/** Returns the index of the bracket that closes the one before `from` */
function endOf (text: string, from: number): number {
  let depth = 1

  for (let i = from; i < text.length; i++) {
    depth += isOpening(text, i) ? 1 : isClosing(text, i) ? -1 : 0

    if (depth === 0) {
      return i
    }
  }

  return text.length
}

/** Splits at a character outside of brackets, unless it is part of an arrow */
function splitTop (text: string, mark: ',' | '='): string[] {
  const parts = ['']
  let depth = 0

  for (let i = 0; i < text.length; i++) {
    const letter = text[i] ?? ''
    depth += isOpening(text, i) ? 1 : isClosing(text, i) ? -1 : 0

    if (letter === mark && depth === 0 && text[i + 1] !== '>') {
      parts.push('')
    } else {
      parts[parts.length - 1] += letter
    }
  }

  return parts.map(part => part.trim()).filter(part => part !== '')
}

function isOpening (text: string, i: number): boolean {
  return '([{<'.includes(text[i] ?? ' ')
}

function isClosing (text: string, i: number): boolean {
  return ')]}'.includes(text[i] ?? ' ') || (text[i] === '>' && text[i - 1] !== '=')
}
