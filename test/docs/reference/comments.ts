/** A parsed doc comment */
export interface DocComment {
  /** The text before the first tag */
  readonly text: string
  /** The texts of `@param`, by name */
  readonly params: ReadonlyMap<string, string>
  /** The text of `@default` */
  readonly default?: string
}

/** Parses a doc comment, including its delimiters */
export function readComment (source = ''): DocComment {
  const lines = source.replace(/^\/\*\*/, '').replace(/\*\/$/, '').split('\n').map(line => line.replace(/^\s*\*? ?/, '').trimEnd())
  const [text = '', ...tags] = lines.join('\n').split(/(?:^|(?<=\s))@(?=[a-z])/m)
  const params = tags.flatMap(tag => {
    const [, name, text = ''] = /^param (\w+)\s+([^]*)$/.exec(tag) ?? []

    return name == null ? [] : [[name, oneLine(text)] as const]
  })

  return {
    text: text.trim(),
    params: new Map(params),
    default: tags.flatMap(tag => /^default\s+([^]*)$/.exec(tag)?.[1]?.trim() ?? [])[0]
  }
}

/** Returns the first sentence of a text, without its full stop */
export function firstSentence (text: string): string {
  const paragraph = oneLine(firstParagraph(text))

  return (/^(.*?)\.(?= +[A-Z`\d]|$)/.exec(paragraph)?.[1] ?? paragraph).replace(/:$/, '')
}

/** Returns the first paragraph, with the list that follows it, as one line for a table */
export function summary (text: string): string {
  const [first = '', second = ''] = text.split(/\n\s*\n/)
  const whole = second.startsWith('- ') ? `${first}\n${second}` : first

  return whole.split(/\n(?=- )/).map(part => oneLine(part).replace(/^- /, '')).join('<br>').replace(/\.$/, '')
}

/** Separates the sentence "Default: …" from a text */
export function splitDefault (text: string): { text: string, default?: string } {
  const [sentence, value] = /(?:^|\s)Default: ((?:[^.]|\.(?!\s|$))+)\.?/.exec(text) ?? []

  return sentence == null ? { text } : { text: text.replace(sentence, '').trim(), default: oneLine(value ?? '') }
}

export function capital (text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

function firstParagraph (text: string): string {
  return text.split(/\n\s*\n|\n(?=- )/)[0] ?? ''
}

export function oneLine (text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
