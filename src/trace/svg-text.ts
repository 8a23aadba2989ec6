import { printable } from '../pipeline/safe-text.ts'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&apos;' }

/** Returns text as it may stand in an element or in an attribute. XML has no place for some control characters, also when they are escaped */
function escapeXml (text: string): string {
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
