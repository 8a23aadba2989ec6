import { InvalidPipelineError } from './errors.ts'
import type { DialPipelineOptions } from './types.ts'

/** libp2p's dial options. Every stage may read them, except the hidden ones */
export const LIBP2P_OPTIONS = ['signal', 'onProgress', 'priority', 'force', 'initiator', 'runOnLimitedConnection', 'trace'] as const

/** Dials of one peer share no run if one of these options differs, whether or not a stage declares it */
export const DISTINCT_OPTIONS = ['force', 'initiator', 'runOnLimitedConnection'] as const satisfies ReadonlyArray<typeof LIBP2P_OPTIONS[number]>

/**
 * The options that no stage can read or declare. `await` and `JSON.stringify()` read the first two on any object. The signal is that of the first
 * caller, but the dial may go on for others and has a signal of its own
 */
export const HIDDEN_OPTIONS = new Set<PropertyKey>(['then', 'toJSON', 'signal'])

/** libp2p's dial options that every stage may read */
export const VISIBLE_OPTIONS: ReadonlySet<PropertyKey> = new Set(LIBP2P_OPTIONS.filter(name => !HIDDEN_OPTIONS.has(name)))

/**
 * Returns the options of a dial that one stage may see, frozen: libp2p's, and those that the stage declares. Reading another option throws
 * InvalidPipelineError: dials that differ in an undeclared option share a run, and the stage would see the value of the first caller.
 */
export function declaredOptions (options: DialPipelineOptions, stage: string, declared: readonly string[]): DialPipelineOptions {
  const names = declared.length === 0 ? VISIBLE_OPTIONS : new Set([...VISIBLE_OPTIONS, ...declared])
  const visible: Record<PropertyKey, unknown> = {}

  for (const name of names) {
    const value = Reflect.get(options, name)

    if (value !== undefined) {
      // defineProperty() also works for the name __proto__
      Object.defineProperty(visible, name, { value, enumerable: true })
    }
  }

  function check (name: PropertyKey): void {
    if (typeof name === 'string' && !names.has(name) && !HIDDEN_OPTIONS.has(name) && !(name in Object.prototype)) {
      throw new InvalidPipelineError(`Stage "${stage}" reads the dial option "${name}", which it does not declare. Add to the stage: options: ['${[...declared, name].join("', '")}']`)
    }
  }

  const checked = <T>(read: (target: object, name: PropertyKey) => T) => (target: object, name: PropertyKey): T => {
    check(name)

    return read(target, name)
  }

  return new Proxy<DialPipelineOptions>(Object.freeze(visible), {
    get: checked<unknown>(Reflect.get),
    has: checked(Reflect.has),
    getOwnPropertyDescriptor: checked(Reflect.getOwnPropertyDescriptor)
  })
}
