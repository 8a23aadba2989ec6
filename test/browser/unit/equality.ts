/** Returns whether two values are equal as in ava's `deepEqual`: the same contents and classes, and the same order in maps and sets */
export function isEqual (one: unknown, other: unknown, seen: Map<object, unknown> = new Map()): boolean {
  if (Object.is(one, other)) {
    return true
  }

  if (!isObject(one) || !isObject(other) || tagOf(one) !== tagOf(other) || one.constructor !== other.constructor) {
    return false
  }

  if (seen.get(one) === other) {
    return true
  }

  seen.set(one, other)

  if (typeof one === 'function' || one instanceof Promise || one instanceof WeakMap) {
    return false
  }

  if (one instanceof Date || one instanceof RegExp || one instanceof Error) {
    return String(one) === String(other) && (!(one instanceof Date) || one.getTime() === (other as unknown as Date).getTime())
  }

  if (one instanceof Map || one instanceof Set) {
    return isEqual([...one], [...other as unknown as Set<unknown>], seen)
  }

  const keys = Reflect.ownKeys(one).filter(key => isEnumerable(one, key))
  const otherKeys = Reflect.ownKeys(other).filter(key => isEnumerable(other, key))

  return keys.length === otherKeys.length && keys.every(key => isEnumerable(other, key) && isEqual(one[key], other[key], seen)) && (!Array.isArray(one) || one.length === (other as unknown as unknown[]).length)
}

/** Returns whether a value has all properties of a pattern */
export function isAlike (value: unknown, pattern: unknown): boolean {
  return isObject(pattern) && isObject(value) && Object.getPrototypeOf(pattern) === Object.prototype || Array.isArray(pattern)
    ? isObject(value) && Reflect.ownKeys(pattern as object).every(key => isAlike(value[key], (pattern as any)[key]))
    : isEqual(value, pattern)
}

/** Returns a value as text, for the message of a failure */
export function describe (value: unknown): string {
  const seen = new Set<unknown>()

  try {
    return JSON.stringify(value, (_key, one: unknown) => {
      if (typeof one === 'object' && one !== null) {
        if (seen.has(one)) {
          return '…'
        }

        seen.add(one)
      }

      return ['bigint', 'function', 'symbol', 'undefined'].includes(typeof one) || Number.isNaN(one) || one === Infinity ? String(one) : one instanceof Error ? String(one) : one
    })?.slice(0, 2_000) ?? 'undefined'
  } catch {
    return Object.prototype.toString.call(value)
  }
}

type Objects = Record<PropertyKey, unknown> & { constructor: unknown }

function isObject (value: unknown): value is Objects {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function tagOf (value: object): string {
  return Object.prototype.toString.call(value)
}

function isEnumerable (value: object, key: PropertyKey): boolean {
  return Object.prototype.propertyIsEnumerable.call(value, key)
}
