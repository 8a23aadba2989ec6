import { element } from '../../src/trace/svg-text.ts'

const LETTER = 7.25
const LINE = 17
const PADDING = 14

const STYLES: Readonly<Record<string, string>> = { 1: 'bold', 4: 'underlined', 31: 'red', 32: 'green', 35: 'magenta', 36: 'cyan', 90: 'gray' }

const STYLE = `<style>
text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#e6edf3;white-space:pre}
.bold{font-weight:700}.underlined{text-decoration:underline}
.red{fill:#f85149}.green{fill:#3fb950}.magenta{fill:#bc8cff}.cyan{fill:#39c5cf}.gray{fill:#8b949e}
</style>`

/** Draws coloured text as a terminal of 80 columns shows it */
export function drawTerminal (text: string, columns = 80): string {
  const lines = text.split('\n')
  const width = columns * LETTER + 2 * PADDING
  const height = lines.length * LINE + 2 * PADDING

  return element('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': 'the output of the command line' }, [
    STYLE,
    element('rect', { width, height, rx: 8, fill: '#0d1117' }),
    ...lines.map((line, i) => drawLine(line, PADDING + (i + 0.75) * LINE))
  ].join('\n'))
}

/** Draws a line. Each part has a fixed position and width, because the letters and bars of fonts differ in width */
function drawLine (line: string, y: number): string {
  const parts: string[] = []
  let styles = new Set<string>()
  let column = 0

  for (const part of `m${line}`.split('\u001B[')) {
    const [code, text] = [part.slice(0, part.indexOf('m')), part.slice(part.indexOf('m') + 1)]
    const style = STYLES[code]
    styles = style == null ? new Set() : styles.add(style)

    if (text.trim() !== '') {
      const shown = text.trimEnd()
      parts.push(element('text', { x: PADDING + column * LETTER, y, textLength: shown.length * LETTER, lengthAdjust: 'spacingAndGlyphs', ...styles.size > 0 && { class: [...styles].join(' ') } }, shown.replaceAll('&', '&amp;').replaceAll('<', '&lt;')))
    }

    column += text.length
  }

  return parts.join('')
}
