const SEQUENCE = /^\u001B\[\??([\d;]*)([a-zA-Z])/ // eslint-disable-line no-control-regex

/** Returns the contents of a terminal with its scrollback after it received a text. Long lines do not wrap */
export function screenAfter (text: string): string {
  const lines: string[][] = [[]]
  let [row, column] = [0, 0]
  const line = (): string[] => (lines[row] ??= [])

  for (let i = 0; i < text.length; i++) {
    const [sequence, numbers = '', command] = SEQUENCE.exec(text.slice(i, i + 32)) ?? []
    const n = Math.max(1, Number(numbers.split(';')[0]))

    if (sequence != null) {
      switch (command) {
        case 'A': row = Math.max(0, row - n); break
        case 'B': row += n; break
        case 'C': column += n; break
        case 'D': column = Math.max(0, column - n); break
        case 'E': [row, column] = [row + n, 0]; break
        case 'F': [row, column] = [Math.max(0, row - n), 0]; break
        case 'G': column = n - 1; break
        case 'J':
          line().splice(column)
          lines.splice(row + 1)
          break
        case 'K': line().splice(numbers === '2' ? 0 : column); break
        case undefined:
        default: break
      }

      i += sequence.length - 1
    } else if (text[i] === '\r') {
      column = 0
    } else if (text[i] === '\n') {
      row++
    } else {
      while (line().length < column) {
        line().push(' ')
      }

      line()[column++] = text[i] ?? ''
    }
  }

  return Array.from(lines, cells => (cells ?? []).join('').trimEnd()).join('\n')
}
