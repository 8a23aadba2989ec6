export interface Block {
  /** The Markdown file, relative to the root */
  file: string
  /** The line of the opening fence, counted from 1 */
  line: number
  code: string
  /** Whether the block is run as well as compiled */
  run: boolean
  /** The expected output: the ```text output block that follows */
  output?: string
}

interface Fence {
  line: number
  info: string
  content: string
}

/** Returns the ```ts blocks of a Markdown text. A `ts no-run` block is only compiled, and a `ts ignore` block is skipped */
export function blocksIn (markdown: string, file: string): Block[] {
  const blocks: Block[] = []
  let above: Block | undefined

  for (const { line, info, content } of fencesIn(markdown)) {
    if (info === 'text output') {
      if (above == null) {
        throw new Error(`${file}:${line}: an output has to follow the block that prints it`)
      }

      above.output = content
    }

    above = blockOf(info, { file, line, code: content })

    if (above != null) {
      blocks.push(above)
    }
  }

  return blocks
}

function blockOf (info: string, block: Omit<Block, 'run'>): Block | undefined {
  const [language, ...flags] = info.split(/\s+/)

  if (language !== 'ts') {
    return
  }

  switch (flags.join(' ')) {
    case '': return { ...block, run: true }
    case 'no-run': return { ...block, run: false }
    case 'ignore': return
    default: throw new Error(`${block.file}:${block.line}: a ts block is "ts", "ts no-run" or "ts ignore", not "${info}"`)
  }
}

function * fencesIn (markdown: string): Generator<Fence> {
  const lines = markdown.split(/\r?\n/)

  for (let i = 0; i < lines.length; i++) {
    const [, indent, ticks, info] = /^(\s*)(`{3,})([^`]*)$/.exec(lines[i] ?? '') ?? []

    if (indent == null || ticks == null || info == null) {
      continue
    }

    const end = lines.findIndex((line, j) => j > i && isEnd(line, ticks))
    const content = lines.slice(i + 1, end === -1 ? lines.length : end)

    yield { line: i + 1, info: info.trim(), content: content.map(line => unindent(line, indent)).join('\n') }
    i += content.length + 1
  }
}

function isEnd (line: string, ticks: string): boolean {
  return /^`+$/.test(line.trim()) && line.trim().length >= ticks.length
}

function unindent (line: string, indent: string): string {
  return line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()
}
