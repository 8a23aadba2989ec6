/** Returns a Markdown table. A column without text is omitted */
export function table (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const used = head.map((_, i) => rows.some(row => (row[i] ?? '') !== ''))
  const line = (cells: readonly string[]): string => `|${cells.filter((_, i) => used[i]).map(cell => cell === '' ? ' ' : ` ${cell.replaceAll(/(?<!\\)\|/g, '\\|')} `).join('|')}|`

  return [line(head), `|${head.filter((_, i) => used[i]).map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}

export function code (text: string): string {
  return `\`${text}\``
}
