/** Control characters, what turns the direction of text, what takes no room, and halves of characters: a terminal would obey them */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001F\u007F-\u009F\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|\p{Cs}/gu

/**
 * Returns text that may come from another peer so that it can be shown: control characters are escaped, and what is longer is cut
 *
 * @param max characters, at most
 */
export function safeText (text: string, max: number): string {
  // a slice of a long string would keep all of it in memory
  const some = text.length > max ? Array.from(text.slice(0, max)).join('') : text

  return `${some.replace(UNSAFE, one => `\\u{${one.codePointAt(0)?.toString(16)}}`)}${text.length > max ? '…' : ''}`
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
