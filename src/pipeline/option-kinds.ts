/** What the value of an option must be */
export interface OptionKind {
  /** In words, for the error: `a whole number, 0 or more` */
  readonly expected: string
  readonly test: (value: unknown) => boolean
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value)

/** `Infinity`: never */
export const MILLISECONDS: OptionKind = {
  expected: 'a number of milliseconds, 0 or more',
  test: value => isNumber(value) && value >= 0
}

/** `Infinity`: never */
export const POSITIVE_MILLISECONDS: OptionKind = {
  expected: 'a number of milliseconds, more than 0',
  test: value => isNumber(value) && value > 0
}

export const FINITE_MILLISECONDS: OptionKind = {
  expected: 'a finite number of milliseconds, 0 or more',
  test: value => Number.isFinite(value) && (value as number) >= 0
}

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

export const NUMBER: OptionKind = { expected: 'a number', test: isNumber }

export const BOOLEAN: OptionKind = { expected: 'true or false', test: value => typeof value === 'boolean' }

export const FUNCTION: OptionKind = { expected: 'a function', test: value => typeof value === 'function' }

export const OBJECT: OptionKind = { expected: 'an object', test: value => typeof value === 'object' && value !== null }

export const NAME: OptionKind = { expected: 'a name', test: value => typeof value === 'string' && value !== '' }

export function oneOf (...values: readonly string[]): OptionKind {
  return { expected: values.map(value => `'${value}'`).join(' or '), test: value => values.includes(value as string) }
}

/** An array (a Set has another order of its own, and a string is no list of its letters) */
export function listOf (what: string, { test }: OptionKind): OptionKind {
  return { expected: `an array of ${what}`, test: value => Array.isArray(value) && value.every(test) }
}

/** An object with a value of this kind under each of its own keys */
export function recordOf (what: string, { test }: OptionKind): OptionKind {
  return {
    expected: `an object with ${what} for each name`,
    test: value => typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(test)
  }
}
