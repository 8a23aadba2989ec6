import { isPeerId } from '@libp2p/interface'
import { isMultiaddr } from '@multiformats/multiaddr'
import { distance } from 'fastest-levenshtein'
import { describeValue } from './describe-value.ts'

/** The check of an option's value */
export interface OptionKind {
  /** The expected value in words, for the error: `a whole number, 0 or more` */
  readonly expected: string
  readonly test: (value: unknown) => boolean
  /** Describes a wrong value. Default: `describeValue()` */
  readonly describe?: (value: unknown) => string | undefined
  /** Returns what to write instead of a wrong value, if it can be guessed */
  readonly advise?: (value: unknown) => string | undefined
  /** The kind of each value, where the value is an object with arbitrary keys */
  readonly each?: OptionKind
  /** Whether a call without the option is refused */
  readonly isRequired?: boolean
  /** Returns what is wrong with a value that passes the test, as the rest of a sentence about the owner: `knows no source 'dth'` */
  readonly flaw?: (value: unknown) => string | undefined
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value)

/** `Infinity`: never */
export const MILLISECONDS: OptionKind = {
  expected: 'a number of milliseconds, 0 or more, or Infinity',
  test: value => isNumber(value) && value >= 0
}

/** `Infinity`: never */
export const POSITIVE_MILLISECONDS: OptionKind = {
  expected: 'a number of milliseconds, more than 0, or Infinity',
  test: value => isNumber(value) && value > 0
}

export const FINITE_MILLISECONDS: OptionKind = {
  expected: 'a finite number of milliseconds, 0 or more',
  test: value => Number.isFinite(value) && (value as number) >= 0
}

export const TIME: OptionKind = { expected: 'a finite number of milliseconds', test: Number.isFinite }

export const WHOLE_NUMBER: OptionKind = {
  expected: 'a whole number, 0 or more',
  test: value => Number.isSafeInteger(value) && (value as number) >= 0
}

/** `Infinity`: no limit */
export const LIMIT: OptionKind = {
  expected: 'a whole number, 0 or more, or Infinity',
  test: value => WHOLE_NUMBER.test(value) || value === Infinity
}

/** `Infinity`: no limit */
export const POSITIVE_LIMIT: OptionKind = {
  expected: 'a whole number, 1 or more, or Infinity',
  test: value => LIMIT.test(value) && value !== 0
}

export const BIGINT: OptionKind = { expected: 'a bigint', test: value => typeof value === 'bigint' }

/** For options that other code checks */
export const ANYTHING: OptionKind = { expected: 'anything', test: () => true }

export const NUMBER: OptionKind = { expected: 'a number', test: isNumber }

export const POSITIVE_NUMBER: OptionKind = { expected: 'a finite number, more than 0', test: value => Number.isFinite(value) && (value as number) > 0 }

export const PROBABILITY: OptionKind = { expected: 'a number from 0 to 1', test: value => isNumber(value) && value >= 0 && value <= 1 }

export const BOOLEAN: OptionKind = { expected: 'true or false', test: value => typeof value === 'boolean' }

export const FUNCTION: OptionKind = { expected: 'a function', test: value => typeof value === 'function' }

export const OBJECT: OptionKind = { expected: 'an object', test: value => typeof value === 'object' && value !== null }

export const CLOCK: OptionKind = { expected: 'a clock, with now() and setTimeout()', test: value => hasMethods(value, 'now', 'setTimeout') }

export const SIGNAL: OptionKind = { expected: 'an AbortSignal', test: value => hasMethods(value, 'throwIfAborted', 'addEventListener') }

export const RESOLVER: OptionKind = { expected: 'a resolver', test: value => hasMethods(value, 'canResolve', 'resolve') }

export const PEER_ID: OptionKind = { expected: 'a peer id', test: isPeerId, advise: value => typeof value === 'string' ? `peerIdFromString('${value}')` : undefined }

export const MULTIADDR: OptionKind = { expected: 'a multiaddr', test: isMultiaddr, advise: value => typeof value === 'string' ? `multiaddr('${value}')` : undefined }

export const NAME: OptionKind = { expected: 'a name', test: value => typeof value === 'string' && value.trim() !== '' }

/** The name of a stage or a pipeline. An edit would take one with / for a stage of a nested pipeline */
export const STAGE_NAME: OptionKind = { expected: 'a name without /', test: value => NAME.test(value) && !(value as string).includes('/') }

export function oneOf (...values: readonly string[]): OptionKind {
  return {
    expected: values.map(value => `'${value}'`).join(' or '),
    test: value => values.includes(value as string),
    advise: value => {
      const meant = typeof value === 'string' ? suggestName(value, values) : undefined

      return meant == null ? undefined : `'${meant}'`
    }
  }
}

/** Returns the kind for an option that must be passed */
export function required (kind: OptionKind): OptionKind {
  return { ...kind, isRequired: true }
}

/** Returns the kind of an array. Not of any iterable: a string would count as an array of its letters */
export function listOf (what: string, { test, advise, flaw }: OptionKind): OptionKind {
  const wrongIn = (value: unknown): number => Array.isArray(value) ? value.findIndex(one => !test(one)) : -1

  function elementFor (value: unknown): string | undefined {
    return test(value) ? typeof value === 'string' ? `'${value}'` : '…' : advise?.(value)
  }

  return {
    expected: `an array of ${what}`,
    // not every(), which skips the holes of an array
    test: value => Array.isArray(value) && wrongIn(value) === -1,
    describe: value => {
      const at = wrongIn(value)

      return at === -1 ? undefined : `an array with ${describeValue((value as unknown[])[at])} at index ${at}`
    },
    advise: value => {
      if (Array.isArray(value)) {
        return advise?.(value[wrongIn(value)])
      }

      const element = elementFor(value)

      return element == null ? undefined : `[${element}]`
    },
    flaw: flaw == null ? undefined : value => firstFlaw(value as unknown[], flaw)
  }
}

/** Returns the kind of an array that is not empty */
export function filledListOf (what: string, kind: OptionKind): OptionKind {
  const list = listOf(what, kind)

  return { ...list, expected: `an array of one or more ${what}`, test: value => list.test(value) && (value as unknown[]).length > 0 }
}

/** Returns the kind of an object with a value of `kind` under each of its own keys, which the second kind checks for flaws */
export function recordOf (kind: OptionKind, { flaw }: Pick<OptionKind, 'flaw'> = {}): OptionKind {
  return {
    expected: `an object with ${kind.expected} for each name`,
    test: value => isRecord(value) && Object.values(value).every(kind.test),
    each: kind,
    flaw: flaw == null ? undefined : value => firstFlaw(Object.keys(value as object), flaw)
  }
}

function firstFlaw (values: readonly unknown[], flaw: NonNullable<OptionKind['flaw']>): string | undefined {
  return values.map(flaw).find(one => one != null)
}

/** Returns whether a value is an object with named properties. A Set, a Map or an array passed as options is a mistake */
export function isRecord (value: unknown): value is object {
  try {
    return typeof value === 'object' && value !== null && !(Symbol.iterator in value) && !('then' in value)
  } catch {
    // a revoked proxy throws when it is read
    return false
  }
}

export function hasMethods (value: unknown, ...names: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && names.every(name => typeof Reflect.get(value, name) === 'function')
}

/**
 * Returns the known name that was most likely meant. Undefined: none is close
 *
 * @param most the maximum number of edits. Default: two, and one for names of fewer than six letters
 */
export function suggestName (name: string, known: readonly string[], most = name.length < 6 ? 1 : 2): string | undefined {
  return known
    .filter(one => Math.abs(one.length - name.length) <= most && editsBetween(name, one) <= most)
    .toSorted((a, b) => editsBetween(name, a) - editsBetween(name, b))[0]
}

/** Returns the number of letters that are added, removed or replaced. A lone swap of two neighbours counts as one edit */
function editsBetween (a: string, b: string): number {
  let i = 0

  while (i < a.length && a[i] === b[i]) {
    i++
  }

  return `${a.slice(0, i)}${a.charAt(i + 1)}${a.charAt(i)}${a.slice(i + 2)}` === b ? 1 : distance(a, b)
}
