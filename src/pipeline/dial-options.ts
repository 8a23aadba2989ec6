import { InvalidParametersError } from '@libp2p/interface'
import { InvalidPipelineError, UnsupportedDialOptionError } from './errors.ts'
import { parseProvenance } from './provenance-policy.ts'
import { suggestName } from './option-kinds.ts'
import type { DialPipelineOptions, AnyStage } from './types.ts'

/** libp2p's dial options. Every stage may read them, except the hidden ones */
const LIBP2P_OPTIONS = ['signal', 'onProgress', 'priority', 'force', 'initiator', 'runOnLimitedConnection', 'trace'] as const

/** Dials of one peer share no run if one of these options differs, whether or not a stage declares it */
export const DISTINCT_OPTIONS = ['force', 'initiator', 'runOnLimitedConnection'] as const satisfies ReadonlyArray<typeof LIBP2P_OPTIONS[number]>

/**
 * The options that no stage can read or declare. `await` and `JSON.stringify()` read the first two on any object. The signal is that of the first
 * caller, but the dial may go on for others and has a signal of its own
 */
export const HIDDEN_OPTIONS = new Set<PropertyKey>(['then', 'toJSON', 'signal'])

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

/** The dial options of this package, for every pipeline */
const OWN_OPTIONS = ['pipeline', 'provenance', 'source']

const KNOWN = new Set<string>([...OWN_OPTIONS, ...LIBP2P_OPTIONS])

/**
 * Checks the options of a dial against those that its pipeline reads. Returns them as own properties, with a frozen copy of `provenance`
 *
 * @param ofNode the options that the pipelines of the node declare: another pipeline must not ignore them
 * @throws UnsupportedDialOptionError for an option that no stage of the pipeline reads, and for an unknown option that is one edit away from
 * one that it reads. Other unknown options pass, and so do those that services are known to pass on
 * @throws InvalidParametersError for a wrong `provenance`, even if the dial would join another or need none
 */
export function readDialOptions<T extends DialPipelineOptions> (options: T, pipeline: AnyStage, ofNode: Iterable<string> = []): T {
  const read = pipeline.options ?? []

  checkRead('provenance', options, pipeline)

  for (const name of ofNode) {
    checkRead(name, options, pipeline)
  }

  for (const name of namesOf(options)) {
    if (!KNOWN.has(name) && !HANDED_ON.has(name) && !read.includes(name) && !isAbsent(options, name)) {
      const meant = meantBy(name, options, [...OWN_OPTIONS, ...read])

      if (meant != null) {
        throw new UnsupportedDialOptionError(`There is no dial option "${name}": did you mean ${meant}?`)
      }
    }
  }

  const flat = flatOptions(options, KNOWN, read)

  return flat.provenance === undefined ? flat : { ...flat, provenance: parseProvenance('The dial option "provenance"', flat.provenance, InvalidParametersError) }
}

function checkRead (name: string, options: object, pipeline: AnyStage): void {
  const read = pipeline.options ?? []

  if (!read.includes(name) && !isAbsent(options, name)) {
    const remedy = name === 'provenance' ? 'put the stage provenance() into it, above the race and below resolve()' : `give a stage of it options: ['${name}'], or pass a pipeline with one that has`
    throw new UnsupportedDialOptionError(`No stage of this pipeline reads the option "${name}": ${remedy}. The pipeline reads${read.length > 0 ? `: ${read.join(', ')}` : ' none'}`)
  }
}

/** Returns the option that an unknown one was most likely meant as, in words. Undefined: it may belong to a service */
function meantBy (name: string, options: object, known: readonly string[]): string | undefined {
  if (name === '0' || ((name === 'include' || name === 'exclude') && Array.isArray(Reflect.get(options, name)))) {
    return name === '0' ? "an object of options, such as { provenance: ['user'] }" : `{ provenance: { ${name}: […] } }`
  }

  const meant = known.find(one => one.toLowerCase() === name.toLowerCase()) ?? suggestName(name, known, 1)

  return meant == null ? undefined : `"${meant}"`
}

function isAbsent (options: object, name: string): boolean {
  return Reflect.get(options, name) === undefined
}

/**
 * Returns options as own properties. libp2p and this package spread options, which loses inherited and non-enumerable ones: a policy or a signal
 * in an instance of a class would be lost.
 *
 * @param names the options that must be kept
 */
function flatOptions<T extends object> (options: T, ...names: ReadonlyArray<Iterable<string>>): T {
  let flat: T | undefined

  for (const some of names) {
    for (const name of some) {
      const value: unknown = Reflect.get(options, name)

      if (value !== undefined && !Object.prototype.propertyIsEnumerable.call(options, name)) {
        flat ??= { ...options }
        Object.defineProperty(flat, name, { value, configurable: true, enumerable: true, writable: true })
      }
    }
  }

  return flat ?? options
}

/** Returns the names of all options, including inherited and non-enumerable ones */
function namesOf (options: object): string[] {
  const names = Object.getOwnPropertyNames(options)
  const inherited: object | null = Object.getPrototypeOf(options)

  return inherited === null || inherited === Object.prototype ? names : [...names, ...namesOf(inherited)]
}

/**
 * Options that services pass on to `openConnection()`, by service. None of them counts as misspelt, or a DHT or a block exchange could not dial.
 * Seen in libp2p 3.3, @libp2p/kad-dht 16.4, @libp2p/http 2.0, @helia/bitswap 4.0 and @helia/unixfs 8.0
 */
const BY_SERVICE = {
  // RoutingOptions and NewStreamOptions of @libp2p/interface
  libp2p: ['useCache', 'useNetwork', 'validate', 'maxOutboundStreams', 'negotiateFully'],
  // QueryOptions
  kadDht: ['path', 'isSelfQuery', 'minPeers'],
  // the Agent of node:http passes on the options of the request
  http: ['host', 'hostname', 'port', 'method', 'headers', 'protocol'],
  // sendMessage() adds the first ones, and the caller of get(), cat() or pins.add() the others
  helia: ['peerId', 'message', 'providers', 'offset', 'length', 'extended', 'offline', 'maxSize', 'depth', 'metadata', 'cid', 'validateFn', 'log']
}

const HANDED_ON: ReadonlySet<string> = new Set(Object.values(BY_SERVICE).flat())
