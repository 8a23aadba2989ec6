import { clipEnd, safeText } from '../pipeline/safe-text.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'

/** Characters in a line when there is no terminal */
const DEFAULT_WIDTH = 100
const MIN_WIDTH = 40

/** The maximum number of characters of a line that are escaped, before it is clipped: a trace from a file may have any text */
const MAX_LINE = 4_096

/** The maximum number of rows into which a line is broken: the texts of errors have any length */
const MAX_ROWS = 6
const INDENT = '    '

const WIDTH: OptionKind = { expected: `a whole number of characters, ${MIN_WIDTH} or more`, test: value => Number.isSafeInteger(value) && (value as number) >= MIN_WIDTH }

export const TRACE_OPTIONS = { width: WIDTH }

/** Returns the columns of the terminal that the process writes to, or 100 */
export function defaultWidth (): number {
  const { process } = globalThis as { process?: { stdout?: { isTTY?: boolean, columns?: number } } }
  const columns = process?.stdout?.isTTY === true ? process.stdout.columns : undefined

  return columns == null ? DEFAULT_WIDTH : Math.max(MIN_WIDTH, columns)
}

/** Returns lines as one text, each escaped, wrapped and clipped to a width in characters */
export function fitLines (lines: readonly string[], width: number): string {
  return lines.flatMap(line => wrapLine(line, width)).map(row => clipEnd(row, width)).join('\n')
}

/** Breaks a line between words. The last row may be too wide: a word that is too long is not broken, and there are six rows at most */
function wrapLine (line: string, width: number): string[] {
  const rows: string[] = []
  let rest = safeText(line, MAX_LINE)

  while (rest.length > width && rows.length < MAX_ROWS - 1) {
    const end = rest.lastIndexOf(' ', width)

    if (end < INDENT.length) {
      break
    }

    rows.push(rest.slice(0, end))
    rest = INDENT + rest.slice(end + 1)
  }

  return [...rows, rest]
}
