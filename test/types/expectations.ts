export interface Expectation {
  /** The line that is to be wrong, counted from 1 */
  line: number
  /** What the compiler's message about it is to contain */
  text: string
}

/** The `// error: <text>` comments of a file. Several above one line all speak of that line */
export function expectationsIn (code: string): Expectation[] {
  const lines = code.split('\n')

  return lines.flatMap((line, i) => {
    const text = textOf(line)

    if (text == null) {
      return []
    }

    const below = lines.findIndex((other, j) => j > i && textOf(other) == null)

    return [{ line: below + 1, text }]
  })
}

function textOf (line: string): string | undefined {
  return /^\s*\/\/ error: (.+?)\s*$/.exec(line)?.[1]
}
