import { find } from './declarations.ts'

export interface Parameter {
  /** `...` in front where it takes the rest */
  readonly name: string
  readonly type: string
  /** As it is written. A constant stands for its value */
  readonly default?: string
  readonly isOptional: boolean
}

/** Names under which a function of the sources is exported */
const ALIASES: Readonly<Record<string, string>> = { candidate: 'checkedCandidate', peerOf: 'checkedPeerOf' }

/** Returns the declaration of an exported function */
export function findExported (name: string, inFolder: string): ReturnType<typeof find> {
  return find(ALIASES[name] ?? name, inFolder)
}

/** Returns the parameters of an exported function, by its source */
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

/** Returns where the bracket closes that is open at a place */
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

/** Splits at a character that stands in no brackets, and is no part of an arrow */
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
