import { InvalidPipelineError } from './errors.ts'
import type { DialPipelineOptions } from './types.ts'

/** The dial options of libp2p that every stage may read. Dials that differ in one that matters to stages are two dials */
export const LIBP2P_OPTIONS = ['signal', 'onProgress', 'priority', 'force', 'initiator', 'runOnLimitedConnection', 'trace'] as const

/** What a promise or `JSON.stringify()` asks of any object */
const PROBES = new Set<PropertyKey>(['then', 'toJSON'])

/**
 * Returns the options of a dial as one stage sees them: those of libp2p, and those that the stage declares. Frozen.
 *
 * To read another throws InvalidPipelineError: dials that differ in an option that nobody declares share one run, so that the
 * stage would see the option of whoever came first.
 */
export function declaredOptions (options: DialPipelineOptions, stage: string, declared: readonly string[]): DialPipelineOptions {
  const names = new Set<PropertyKey>([...LIBP2P_OPTIONS, ...declared])
  const visible = Object.fromEntries(Array.from(names, name => [name, Reflect.get(options, name)]).filter(([, value]) => value !== undefined))

  function mayRead (name: PropertyKey): boolean {
    if (typeof name === 'symbol' || PROBES.has(name)) {
      return false
    }

    if (!names.has(name) && !(name in Object.prototype)) {
      throw new InvalidPipelineError(`Stage "${stage}" reads the dial option "${String(name)}", which it does not declare. Add to the stage: options: ['${[...declared, String(name)].join("', '")}']`)
    }

    return true
  }

  return new Proxy(Object.freeze(visible), {
    get: (target, name) => mayRead(name) ? Reflect.get(target, name) : undefined,
    has: (target, name) => mayRead(name) && Reflect.has(target, name),
    getOwnPropertyDescriptor: (target, name) => mayRead(name) ? Reflect.getOwnPropertyDescriptor(target, name) : undefined
  })
}
