export { clipEnd, clipMiddle } from './safe-text.ts'

// control characters, those that turn the direction of text, and halves of surrogate pairs: XML has no place for some of them, and a reader for none
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&apos;' }

/** How many characters of a text are looked at */
const MAX_TEXT = 1_024

/** Returns text without control characters, and not endless: addresses and reasons come from untrusted sources */
export function printable (text: string): string {
  return text.slice(0, MAX_TEXT).replace(UNPRINTABLE, '\uFFFD')
}

/** Returns text as it may stand in an element or in an attribute */
export function escapeXml (text: string): string {
  return printable(text).replace(/[&<>"']/g, char => ENTITIES[char] ?? '')
}

type Attributes = Readonly<Record<string, string | number>>

/**
 * Returns one SVG element
 *
 * @param inner markup, which the caller has escaped
 */
export function element (name: string, attributes: Attributes, inner?: string): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escapeXml(value)}"`).join('')

  return inner == null ? `<${name}${list}/>` : `<${name}${list}>${inner}</${name}>`
}

/** Returns a line of text. The part that does not fit is in the tooltip, where there is one */
export function textAt (x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeXml(text))
}

/** Returns the tooltip of an element */
export function tooltip (text: string): string {
  return `<title>${escapeXml(text)}</title>`
}

/** Returns a coordinate as it is written */
export function round (value: number): number {
  return Math.round(value * 10) / 10
}
