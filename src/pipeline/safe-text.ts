/** Control characters, direction marks, invisible characters, line separators, halves of surrogate pairs, and noncharacters */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{NChar}]/gu

/** The maximum number of characters of a text in a drawing */
const MAX_TEXT = 1_024

/** Returns text from another peer in a form that is safe to show: unsafe characters are escaped, and text of more than `max` is cut */
export function safeText (text: string, max: number): string {
  // copied: a slice of a long string keeps the whole string in memory
  const some = text.length > max ? Array.from(text.slice(0, max)).join('') : text

  return `${some.replace(UNSAFE, one => `\\u{${one.codePointAt(0)?.toString(16)}}`)}${text.length > max ? '…' : ''}`
}

/** Returns text from another peer for a drawing. Unsafe characters become U+FFFD, which keeps the width, and text is cut after 1,024 characters */
export function printable (text: string): string {
  return text.slice(0, MAX_TEXT).replace(UNSAFE, '\uFFFD')
}

/** Returns text of at most `most` characters. Longer text loses its middle: the host of an address comes first, port and transport come last */
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

const MAX_LISTED = 16

const MAX_LENGTH = 256

/** Returns addresses as a log shows them, capped and escaped: addresses from other peers may be many, long, or contain terminal control codes */
export function formatAddresses (addresses: readonly string[]): string {
  const shown = addresses.slice(0, MAX_LISTED).map(one => safeText(one, MAX_LENGTH))

  return addresses.length > MAX_LISTED ? `${shown.join(', ')} and ${addresses.length - MAX_LISTED} more` : shown.join(', ')
}
