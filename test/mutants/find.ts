import { stripTypeScriptTypes } from 'node:module'

/** A change of one place in a source file that a test should catch */
export interface Mutant {
  /** Stays the same while the changed line and the name of the file do */
  readonly id: string
  readonly file: string
  readonly line: number
  readonly kind: 'comparison' | 'number' | 'condition' | 'statement'
  /** The index of the first replaced character */
  readonly at: number
  /** The index of the first character of its line */
  readonly lineAt: number
  readonly before: string
  readonly after: string
}

const COMPARISONS: ReadonlyArray<readonly [RegExp, string]> = [
  [/(?<= )<(?= )/g, '>='],
  [/(?<= )>(?= )/g, '<='],
  [/(?<= )<=(?= )/g, '>'],
  [/(?<= )>=(?= )/g, '<'],
  [/(?<= )===(?= )/g, '!=='],
  [/(?<= )!==(?= )/g, '==='],
  [/(?<= )==(?= )/g, '!='],
  [/(?<= )!=(?= )/g, '=='],
  [/(?<= )&&(?= )/g, '||'],
  [/(?<= )\|\|(?= )/g, '&&']
]

/** Matches a call or an assignment on a line of its own */
const STATEMENT = /^ {2,}(?!return|throw|const|let|static|async|readonly|case|default|yield|await new|super)[\w.#!?[\]]+(?: (?:[-+*|&?]{0,2}=) .+|\(.*\)|\+\+|--)$/gm

/** Finds the mutants of a file: flipped comparisons, incremented numbers, negated conditions, deleted statements */
export function mutantsOf (file: string, text: string): Mutant[] {
  // types become blanks of the same length, so that positions stay valid
  const code = withoutTexts(stripTypeScriptTypes(text))
  const mutants: Mutant[] = []
  const add = (kind: Mutant['kind'], at: number, before: string, after: string): void => {
    const lineAt = text.lastIndexOf('\n', at) + 1
    const id = `${file} ${kind} ${at - lineAt} ${text.slice(lineAt).split('\n', 1)[0]}`
    mutants.push({ id, file, line: text.slice(0, at).split('\n').length, kind, at, lineAt, before, after })
  }

  for (const [pattern, after] of COMPARISONS) {
    for (const { index, 0: before } of code.matchAll(pattern)) {
      add('comparison', index, before, after)
    }
  }

  for (const { index, 0: before } of code.matchAll(/(?<![\w.])\d[\d_]*(?![\w.])/g)) {
    add('number', index, before, `(${before} + 1)`)
  }

  for (const { index } of code.matchAll(/\bif \(/g)) {
    const start = index + 'if ('.length
    const condition = text.slice(start, endOfParentheses(code, start))
    add('condition', start, condition, `!(${condition})`)
  }

  for (const { index, 0: line } of code.matchAll(STATEMENT)) {
    const before = text.slice(index, index + line.length)

    // without a private field the file does not compile, and a public one that begins as false begins as undefined
    const isField = /^ {2}#?\w+ = /.test(line) && /class /.test(code.slice(0, index).match(/^\S.*/gm)?.at(-1) ?? '')

    if (isBalanced(line) && !isField && !/^ +(?:readonly|static|declare) /.test(before)) {
      add('statement', index, before, before.replace(/\S.*/, ''))
    }
  }

  return mutants
}

/** Replaces comments and the contents of strings with blanks of the same length */
function withoutTexts (code: string): string {
  return code.replaceAll(/\/\*[^]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/(?![*/ ])(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\\\n])+\/[gimsuy]*(?=[.,)\]}\s])/g, found => found.replaceAll(/[^\n]/g, '_'))
}

function endOfParentheses (code: string, start: number): number {
  let depth = 1
  let at = start

  while (depth > 0 && at < code.length) {
    depth += code[at] === '(' ? 1 : code[at] === ')' ? -1 : 0
    at++
  }

  return at - 1
}

function isBalanced (line: string): boolean {
  return ['()', '[]', '{}'].every(([open, close]) => line.split(open as string).length === line.split(close as string).length)
}
