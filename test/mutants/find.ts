import { stripTypeScriptTypes } from 'node:module'

/** A change of one place of a source file that its tests should notice */
export interface Mutant {
  readonly file: string
  readonly line: number
  readonly kind: 'comparison' | 'number' | 'condition' | 'statement'
  /** What is replaced, from its first character on */
  readonly at: number
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

/** A call or an assignment that is a line of its own */
const STATEMENT = /^ {2,}(?!return|throw|const|let|static|async|readonly|case|default|yield|await new|super)[\w.#!?[\]]+(?: (?:[-+*|&?]{0,2}=) .+|\(.*\)|\+\+|--)$/gm

/** Finds every change of a file: comparisons flipped, numbers one more, conditions negated, statements deleted */
export function mutantsOf (file: string, text: string): Mutant[] {
  // types are replaced by blanks: what is left stands where it stood
  const code = withoutTexts(stripTypeScriptTypes(text))
  const mutants: Mutant[] = []
  const add = (kind: Mutant['kind'], at: number, before: string, after: string): void => {
    mutants.push({ file, line: text.slice(0, at).split('\n').length, kind, at, before, after })
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

    // not the fields of a class, whose modifiers are stripped
    if (isBalanced(line) && !/^ +(?:readonly|static|declare) /.test(before)) {
      add('statement', index, before, before.replace(/\S.*/, ''))
    }
  }

  return mutants
}

/** The same length, with blanks in the place of comments, and of what stands in strings */
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
