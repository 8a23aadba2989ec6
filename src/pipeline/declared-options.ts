import { InvalidPipelineError } from './errors.ts'
import type { DialPipelineOptions } from './types.ts'

/** The dial options of libp2p. Every stage may read them, but for those that are hidden. Dials that differ in one that matters to stages are two dials */
export const LIBP2P_OPTIONS = ['signal', 'onProgress', 'priority', 'force', 'initiator', 'runOnLimitedConnection', 'trace'] as const

/** Those of which two dials of one peer with different values are two dials, whether a stage declares them or not */
export const DISTINCT_OPTIONS = ['force', 'initiator', 'runOnLimitedConnection'] as const satisfies ReadonlyArray<typeof LIBP2P_OPTIONS[number]>

/**
 * The names of options that no stage can read or declare. A promise and `JSON.stringify()` ask any object for the first two. The signal is
 * that of the first caller: the dial goes on for others, and has a signal of its own
 */
export const HIDDEN_OPTIONS = new Set<PropertyKey>(['then', 'toJSON', 'signal'])

/** The options of libp2p that every stage may read */
export const VISIBLE_OPTIONS: ReadonlySet<PropertyKey> = new Set(LIBP2P_OPTIONS.filter(name => !HIDDEN_OPTIONS.has(name)))

/**
 * Returns the options of a dial as one stage sees them: those of libp2p but for the signal, and those that the stage declares. Frozen.
 *
 * To read another throws InvalidPipelineError: dials that differ in an option that nobody declares share one run, so that the
 * stage would see the option of whoever came first.
 */
export function declaredOptions (options: DialPipelineOptions, stage: string, declared: readonly string[]): DialPipelineOptions {
  const names = declared.length === 0 ? VISIBLE_OPTIONS : new Set([...VISIBLE_OPTIONS, ...declared])
  const visible: Record<PropertyKey, unknown> = {}

  for (const name of names) {
    const value = Reflect.get(options, name)

    if (value !== undefined) {
      // also one that is called __proto__
      Object.defineProperty(visible, name, { value, enumerable: true })
    }
  }

  function check (name: PropertyKey): void {
    if (typeof name === 'string' && !names.has(name) && !HIDDEN_OPTIONS.has(name) && !(name in Object.prototype)) {
      throw new InvalidPipelineError(`Stage "${stage}" reads the dial option "${name}", which it does not declare. Add to the stage: options: ['${[...declared, name].join("', '")}']`)
    }
  }

  return new Proxy<DialPipelineOptions>(Object.freeze(visible), {
    get: (target, name) => {
      check(name)

      return Reflect.get(target, name)
    },
    has: (target, name) => {
      check(name)

      return Reflect.has(target, name)
    },
    getOwnPropertyDescriptor: (target, name) => {
      check(name)

      return Reflect.getOwnPropertyDescriptor(target, name)
    }
  })
}
