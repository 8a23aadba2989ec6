import type { DialPipelineOptions } from '../../pipeline/types.ts'
import type { ValueKeys } from './value-keys.ts'

/** The options of a dial that its pipeline reads */
export interface DeclaredValues {
  /** The text that dials with equal values have in common; empty where none was passed */
  readonly key: string
  /** By name, plain data as frozen copies */
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
