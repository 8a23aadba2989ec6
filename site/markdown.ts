/** Applies a function to the parts of a Markdown text that stand in no block of code. A link may take two lines */
export function mapProse (markdown: string, change: (prose: string) => string): string {
  const parts: string[] = []
  let prose: string[] = []
  let fence: string | undefined

  function endProse (): void {
    parts.push(...prose.length === 0 ? [] : [change(prose.join('\n'))])
    prose = []
  }

  for (const line of markdown.split('\n')) {
    const [, ticks] = /^\s*(`{3,})/.exec(line) ?? []

    if (fence == null && ticks == null) {
      prose.push(line)
      continue
    }

    if (fence == null) {
      endProse()
      fence = ticks
    } else if (ticks != null && ticks.length >= fence.length) {
      fence = undefined
    }

    parts.push(line)
  }

  endProse()

  return parts.join('\n')
}

/** Returns the text of the first heading, without marks */
export function titleOf (markdown: string, file: string): string {
  const [, title] = /^# (.+)$/m.exec(markdown) ?? []

  if (title == null) {
    throw new Error(`${file} has no title: write one as "# …"`)
  }

  return title.replaceAll('`', '').trim()
}

/** Returns the id of a heading as GitHub makes it, so that the same links work on both */
export function slugify (heading: string): string {
  return heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-')
}
