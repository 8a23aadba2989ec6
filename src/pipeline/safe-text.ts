/** Control characters, marks that turn the direction of text, characters without a shape, line separators, and halves of surrogate pairs */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu

/** Characters of a text that is drawn, at most */
const MAX_TEXT = 1_024

/**
 * Returns text from another peer so that it can be shown: unsafe characters are escaped, and a longer text is cut
 *
 * @param max characters, at most
 */
export function safeText (text: string, max: number): string {
  // a slice of a long string would keep all of it in memory
  const some = text.length > max ? Array.from(text.slice(0, max)).join('') : text

  return `${some.replace(UNSAFE, one => `\\u{${one.codePointAt(0)?.toString(16)}}`)}${text.length > max ? '…' : ''}`
}

/** Returns text from another peer for a drawing: each unsafe character is replaced by one that is as wide, and the text is cut at 1,024 */
export function printable (text: string): string {
  return text.slice(0, MAX_TEXT).replace(UNSAFE, '\uFFFD')
}

/**
 * Returns text of at most `most` characters. Longer text loses its middle: an address begins with the host, and ends with the port and the transport
 */
export function clipMiddle (text: string, most: number): string {
  if (text.length <= most) {
    return text
  }

  const end = Math.floor((most - 1) / 2)

  return `${text.slice(0, Math.max(0, most - 1 - end))}…${end > 0 ? text.slice(-end) : ''}`
}

/** Returns text of at most `most` characters. Longer text loses its end */
export function clipEnd (text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most - 1))}…`
}
