/** Aligns rows of words in columns. Columns listed in `right` are right-aligned */
export function table (rows: ReadonlyArray<readonly string[]>, right: readonly number[] = []): string {
  const widths = rows.reduce<number[]>((widths, row) => row.map((word, i) => Math.max(word.length, widths[i] ?? 0)), [])

  return rows.map(row => row.map((word, i) => right.includes(i) ? word.padStart(widths[i] ?? 0) : word.padEnd(widths[i] ?? 0)).join('  ').trimEnd()).join('\n')
}

/** Wraps words into lines of at most `columns` characters, indenting all lines but the first */
export function wrapped (words: readonly string[], columns: number, indent: string, separator = ' '): string {
  let line = ''
  const lines: string[] = []

  for (const word of words) {
    const longer = line === '' ? indent + word : line + separator + word

    if (longer.length > columns && line !== '') {
      lines.push(`${line}${separator}`.trimEnd())
      line = indent + word
    } else {
      line = longer
    }
  }

  return [...lines, line].join('\n')
}
