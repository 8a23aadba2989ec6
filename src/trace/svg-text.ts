import { printable } from '../pipeline/safe-text.ts'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&apos;' }

/** Escapes text for an element or an attribute. Replaces control characters, because XML allows some of them in no form */
function escapeXml (text: string): string {
  return printable(text).replace(/[&<>"']/g, char => ENTITIES[char] ?? '')
}

type Attributes = Readonly<Record<string, string | number>>

/**
 * Returns one SVG element
 *
 * @param inner markup, already escaped
 */
export function element (name: string, attributes: Attributes, inner?: string): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escapeXml(value)}"`).join('')

  return inner == null ? `<${name}${list}/>` : `<${name}${list}>${inner}</${name}>`
}

/** Returns a line of text. Callers clip it, and put the full text into a tooltip */
export function textAt (x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeXml(text))
}

export function tooltip (text: string): string {
  return `<title>${escapeXml(text)}</title>`
}

/** Rounds a coordinate to a tenth of a pixel */
export function round (value: number): number {
  return Math.round(value * 10) / 10
}
