import type { MarkdownEnv, MarkdownRenderer } from 'vitepress'

type Token = ReturnType<MarkdownRenderer['parse']>[number]

/** A table with a longer text in a cell is read as cards on a phone */
const LONG_TEXT = 60

/** With fewer columns a table fits a phone */
const COLUMNS = 3

/** A name up to this length is not broken at its hyphens */
const SHORT_NAME = 24

/** Marks tables whose rows become cards on a phone, and gives each of their cells the heading of its column */
export function cardTables (markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('card-tables', ({ tokens }: { tokens: Token[], env: MarkdownEnv }) => {
    for (const [i, token] of tokens.entries()) {
      if (token.type === 'table_open') {
        markTable(tokens.slice(i, tokens.findIndex((one, j) => j > i && one.type === 'table_close')))
      }
    }
  })

  // VitePress writes the element without its attributes
  markdown.renderer.rules['table_open'] = (tokens, i, _options, _env, self) => `<table tabindex="0"${self.renderAttrs(tokens[i] as Token)}>\n`
}

function markTable (tokens: readonly Token[]): void {
  const headings = textsIn(tokens, 'th_open')
  markNames(tokens.flatMap(({ children }) => children ?? []))
  const isLong = headings.some(heading => heading.toLowerCase() === 'description') || textsIn(tokens, 'td_open').some(text => text.length > LONG_TEXT)

  if (headings.length < COLUMNS || !isLong) {
    return
  }

  tokens[0]?.attrJoin('class', 'cards')
  let column = 0

  for (const [i, token] of tokens.entries()) {
    if (token.type === 'tr_open') {
      column = 0
    } else if (token.type === 'td_open') {
      token.attrSet('data-heading', tokens[i + 1]?.content === '' ? '' : headings[column] ?? '')
      column++
    }
  }
}

function markNames (inline: readonly Token[]): void {
  for (const token of inline) {
    if (token.type === 'code_inline' && token.content.length <= SHORT_NAME && !token.content.includes(' ')) {
      token.attrJoin('class', 'name')
    }
  }
}

function textsIn (tokens: readonly Token[], type: string): string[] {
  return tokens.flatMap(({ type: one }, i) => one === type ? [tokens[i + 1]?.content ?? ''] : [])
}
