const BEGIN = /^<!-- bench:(\w+) -->$/gm

export interface ProvenanceInit {
  /** The arguments of Node.js */
  readonly command: readonly string[]
  readonly commit: { readonly hash: string, readonly isChanged: boolean }
  readonly machine: string
}

/** Returns the names of the sections of a page that benches fill */
export function sectionNames (page: string): string[] {
  return Array.from(page.matchAll(BEGIN), ([, name = '']) => name)
}

/**
 * Returns the page with new content in a section
 *
 * @param kind the word before the name in the markers of the section
 * @throws Error if the page has no such section, or the section has no end
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

/** Describes the origin of a measurement: commit, command, machine and time */
export function provenance ({ command, commit: { hash, isChanged }, machine }: ProvenanceInit): string {
  return `\`node ${command.join(' ')}\` at commit \`${hash}\`${isChanged ? ', and what was changed since' : ''}: ${machine.trim()}.`
}

/** Converts the output of a bench to Markdown. A plain-text table becomes a code block */
export function asMarkdown (output: string): string {
  return /^\| --- /m.test(output) ? output.trim() : `\`\`\`text\n${output.trim()}\n\`\`\``
}
