import { findPlan } from '../../pipeline/runtime/make-stage.ts'
import type { AnyStage, DialPipelineOptions } from '../../pipeline/types.ts'

/** Maximum number of values in one option, and maximum depth. Larger options are compared by identity */
const MAX_VALUES = 1_000
const MAX_DEPTH = 16

/** A value and its key. Only equal values have equal keys */
export interface KeyedValue {
  readonly key: string
  /** A frozen copy of plain data, because the caller may change its own while the dial runs. Otherwise the value itself */
  readonly value: unknown
}

/** Makes a key for each value. Plain data is compared by value, everything else by identity */
export class ValueKeys {
  readonly #ids = new WeakMap<object, number>()
  #last = 0

  of (value: unknown): KeyedValue {
    return plain(value, { left: MAX_VALUES }, 0) ?? { key: `#${this.#idOf(value)}`, value }
  }

  #idOf (value: unknown): number {
    // an unregistered symbol equals no other value, because some engines cannot hold a symbol weakly
    if (typeof value === 'symbol') {
      return ++this.#last
    }

    const id = this.#ids.get(value as object) ?? ++this.#last
    this.#ids.set(value as object, id)

    return id
  }
}

/** Returns the key of plain data: JSON values, undefined, NaN, infinite numbers, bigints and registered symbols. Undefined for other values */
function plain (value: unknown, budget: { left: number }, depth: number): KeyedValue | undefined {
  if (budget.left-- <= 0 || depth > MAX_DEPTH) {
    return
  }

  switch (typeof value) {
    case 'string': return { key: JSON.stringify(value), value }
    case 'symbol': return Symbol.keyFor(value) == null ? undefined : { key: `@${JSON.stringify(Symbol.keyFor(value))}`, value }
    case 'bigint': return { key: `${value}n`, value }
    case 'number':
    case 'boolean':
    case 'undefined': return { key: String(value), value }
    case 'object': return value === null ? { key: 'null', value } : plainObject(value, budget, depth)
    case 'function': return undefined
  }
}

function plainObject (value: object, budget: { left: number }, depth: number): KeyedValue | undefined {
  const isArray = Array.isArray(value)
  const prototype: unknown = Object.getPrototypeOf(value)

  // stages are compared by identity: two stages with equal members may work differently, and a copy of a stage is not a stage
  if (findPlan(value as AnyStage) != null) {
    return
  }

  // checked first: listing the keys of an array of a million elements takes a second
  if (isArray ? prototype !== Array.prototype || value.length > budget.left : prototype !== Object.prototype && prototype !== null) {
    return
  }

  const keys = Reflect.ownKeys(value).filter(key => !isArray || key !== 'length')

  if (keys.length > budget.left || (isArray && keys.length !== value.length)) {
    return
  }

  const copy: object = isArray ? [] : Object.create(prototype as object | null)
  const parts: string[] = []

  for (const key of isArray ? keys : keys.toSorted(byText)) {
    const property = Reflect.getOwnPropertyDescriptor(value, key)

    // a getter may return another value each time
    if (typeof key === 'symbol' || property?.enumerable !== true || !('value' in property)) {
      return
    }

    const one = plain(property.value, budget, depth + 1)

    if (one == null) {
      return
    }

    Object.defineProperty(copy, key, { value: one.value, enumerable: true })
    parts.push(isArray ? one.key : `${JSON.stringify(key)}:${one.key}`)
  }

  return { key: isArray ? `[${parts.join()}]` : `{${parts.join()}}`, value: Object.freeze(copy) }
}

function byText (a: PropertyKey, b: PropertyKey): number {
  return String(a) < String(b) ? -1 : 1
}

/** The options of a dial that its pipeline declares */
export interface DeclaredValues {
  /** Equal for dials with equal values. Empty when none was passed */
  readonly key: string
  /** The values by name, plain data as frozen copies */
  readonly values: Readonly<Record<string, unknown>>
}

const NONE: DeclaredValues = { key: '', values: {} }

export function declaredValues (options: DialPipelineOptions, names: readonly string[] | undefined, keys: ValueKeys): DeclaredValues {
  const passed = Array.from(new Set(names)).flatMap(name => {
    const value: unknown = Reflect.get(options, name)

    return value === undefined ? [] : [{ name, ...keys.of(value) }]
  })

  return passed.length === 0
    ? NONE
    : {
        key: passed.map(({ name, key }) => ` ${JSON.stringify(name)}:${key}`).join(''),
        values: Object.fromEntries(passed.map(({ name, value }) => [name, value]))
      }
}
