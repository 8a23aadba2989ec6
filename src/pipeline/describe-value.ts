import { catchRejection, isThenable } from './foreign-promises.ts'
import type { AnyStage } from './flow.ts'

/** The maximum number of array elements and object properties that are read, and of characters in the description */
const MAX_ELEMENTS = 1_024
const MAX_PROPERTIES = 8
const MAX_TEXT = 256

/**
 * Describes a refused value in a few words. Also handles the rejections of promises in it: no other code holds them any more, and Node.js ends
 * the process on an unhandled rejection. Never throws.
 */
export function describeValue (value: unknown): string {
  ignoreRejections(value)

  try {
    const text = describeKind(value)

    return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
  } catch {
    return 'a value that cannot be read'
  }
}

/** Handles the rejections of a refused value: its own, and those of its first elements or properties. Never throws */
export function ignoreRejections (value: unknown): void {
  try {
    partsOf(value).forEach(one => { catchRejection(one, () => {}) })
  } catch {
    // a getter throws, or a proxy is revoked
  }
}

function partsOf (value: unknown): unknown[] {
  if (isThenable(value)) {
    return [value]
  }

  return Array.isArray(value) ? value.slice(0, MAX_ELEMENTS) : isPlain(value) ? Object.values(value).slice(0, MAX_PROPERTIES) : []
}

/** Returns whether an object is a plain one, whose properties describe it best */
function isPlain (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !hasText(value) && !('type' in value) && tagOf(value) === '[object Object]'
}

function describeKind (value: unknown): string {
  if (isThenable(value)) {
    return 'a promise'
  }

  if (typeof value === 'function') {
    return 'a function'
  }

  if (typeof value === 'string') {
    // quotes tell '5' from a number, and escapes show line ends
    return `'${JSON.stringify(value.slice(0, MAX_TEXT)).slice(1, -1)}'`
  }

  if (isStage(value)) {
    return `the stage "${value.name}"`
  }

  if (Array.isArray(value)) {
    return value.length === 0 ? 'an empty array' : partsOf(value).some(isThenable) ? 'an array with promises' : `an array of ${value.length}`
  }

  if (isPlain(value)) {
    return `an object with ${propertiesOf(value)}`
  }

  if (typeof value !== 'object' || value === null || hasText(value)) {
    return String(value)
  }

  const tag = tagOf(value).slice('[object '.length, -1)

  return 'type' in value ? `a "${String(value.type)}" event` : `${/^[aeiou]/i.test(tag) ? 'an' : 'a'} ${tag}`
}

function propertiesOf (value: object): string {
  const keys = Object.keys(value)

  return keys.length === 0 ? 'no properties' : `${keys.slice(0, MAX_PROPERTIES).join(', ')}${keys.length > MAX_PROPERTIES ? ', …' : ''}`
}

/** Returns whether an object has its own toString(), as a multiaddr, a peer id or a URL has */
function hasText (value: object): boolean {
  const toString: unknown = Reflect.get(value, 'toString')

  return typeof toString === 'function' && toString !== Object.prototype.toString
}

function tagOf (value: object): string {
  return Object.prototype.toString.call(value)
}

export function isStage (value: unknown): value is AnyStage {
  try {
    return typeof value === 'object' && value !== null && 'accepts' in value && 'yields' in value
  } catch {
    // a revoked proxy throws when it is read
    return false
  }
}
