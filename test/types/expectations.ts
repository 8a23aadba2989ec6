export interface Expectation {
  /** The line of the expected error, counted from 1 */
  line: number
  /** A part of the expected compiler message */
  text: string
}

/** Returns the `// error: <text>` comments of a file. Several comments above one line belong to that line */
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
