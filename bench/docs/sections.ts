const BEGIN = /^<!-- bench:(\w+) -->$/gm

export interface ProvenanceInit {
  /** The arguments of Node.js */
  readonly command: readonly string[]
  readonly commit: { readonly hash: string, readonly isChanged: boolean }
  readonly machine: string
}

/** The names of the sections that a page has for what benches print */
export function sectionNames (page: string): string[] {
  return Array.from(page.matchAll(BEGIN), ([, name = '']) => name)
}

/**
 * Returns the page with other content in a section
 *
 * @param kind the word before the name in the marks of the section
 * @throws Error where the page has no such section, or no end of it
 */
export function replaceSection (page: string, name: string, content: string, kind = 'bench'): string {
  const begin = `<!-- ${kind}:${name} -->\n`
  const end = `<!-- /${kind}:${name} -->`
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]

  if (from === -1 || to < from) {
    throw new Error(`the page has no section between ${begin.trim()} and ${end}`)
  }

  return `${page.slice(0, from + begin.length)}\n${content.trim()}\n\n${page.slice(to)}`
}

/** Says of which commit, with what, when and where something was measured */
export function provenance ({ command, commit: { hash, isChanged }, machine }: ProvenanceInit): string {
  return `\`node ${command.join(' ')}\` at commit \`${hash}\`${isChanged ? ', and what was changed since' : ''}: ${machine.trim()}.`
}

/** Returns what a bench has printed as Markdown: a table of text is shown as it is */
export function asMarkdown (output: string): string {
  return /^\| --- /m.test(output) ? output.trim() : `\`\`\`text\n${output.trim()}\n\`\`\``
}
