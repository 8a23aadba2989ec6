import { InvalidParametersError } from '@libp2p/interface'
import { readDialOptions } from '../../pipeline/dial-options.ts'
import { InvalidPipelineError } from '../../pipeline/errors.ts'
import { isStage } from '../../pipeline/describe-value.ts'
import { describeStage, flows, OF_ANOTHER_COPY } from '../../pipeline/stage-order.ts'
import { converges, findPlan, prepare } from '../../pipeline/runtime/make-stage.ts'
import type { AnyStage, DialComponents, DialPipeline, DialPipelineOptions } from '../../pipeline/types.ts'

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
    // an unregistered symbol gets a new key each time, because some engines cannot hold a symbol weakly
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

  // the length is checked first: listing the keys of an array of a million elements takes a second
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

    // an object with a getter is not plain data, because the getter may return another value each time
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

/** The options of a dial, after they were read */
export interface ReadOptions {
  readonly pipeline: AnyStage
  readonly options: DialPipelineOptions
  /** A key that is equal for dials with the same pipeline and equal declared options */
  readonly key: string
}

/** The node's pipeline, and the pipelines that are passed per dial */
export class Pipelines {
  readonly #components: DialComponents
  readonly #keys: ValueKeys
  readonly #prepared = new WeakSet<AnyStage>()
  /** The dial options that any pipeline of the node reads, including replaced ones: passing one of these is never silently ignored */
  readonly #optionsOfNode = new Set<string>()
  #current!: DialPipeline

  constructor (components: DialComponents, pipeline: DialPipeline, keys: ValueKeys) {
    this.#components = components
    this.#keys = keys
    this.current = pipeline
  }

  /** The pipeline of dials without the option `pipeline` */
  get current (): DialPipeline {
    return this.#current
  }

  set current (pipeline: DialPipeline) {
    this.#current = pipeline
    pipeline.options?.forEach(name => { this.#optionsOfNode.add(name) })
  }

  /**
   * Returns the pipeline of a dial with these options, and the options as own properties
   *
   * @throws InvalidPipelineError for a pipeline that cannot dial
   * @throws UnsupportedDialOptionError for an option that no stage of the pipeline reads
   * @throws InvalidParametersError for an invalid `provenance`
   */
  read<T extends DialPipelineOptions> (options: T): { pipeline: AnyStage, options: T } {
    // null does not fall back to the node's pipeline: it may be a pipeline that was not found, so it is an error
    const { pipeline = this.current } = options
    this.#prepare(pipeline)

    return { pipeline, options: readDialOptions(options, pipeline, this.#optionsOfNode) }
  }

  /** Returns the same as `read()`, and the key of the dial */
  readDeclared (callerOptions: DialPipelineOptions): ReadOptions {
    const { pipeline, options } = this.read(callerOptions)
    const { key, values } = declaredValues(options, pipeline.options, this.#keys)

    return { pipeline, options: key === '' ? options : { ...options, ...values }, key: `${this.#keys.of(pipeline).key}${key}` }
  }

  /** Prepares a pipeline once for each node, also one that is passed per dial */
  #prepare (pipeline: AnyStage): void {
    if (!this.#prepared.has(pipeline)) {
      checkConnects(pipeline, 'dial(peer, { pipeline: adaptive() })', 'The dial option "pipeline"')
      prepare(pipeline, this.#components)
      this.#prepared.add(pipeline)
    }
  }
}

const FIRST = "import { adaptive } from 'libp2p-dial-pipeline/presets'"

/**
 * Checks that a pipeline leads from a target to connections
 *
 * @param example the call that users should write, for the error message
 * @param owner the function or option that needs the pipeline, for the error message
 * @throws InvalidPipelineError for a value that is not a pipeline, and for a pipeline that cannot dial
 */
export function checkConnects (pipeline: AnyStage, example = 'dialer(adaptive())', owner = `${example.split('(')[0]}()`): void {
  if (!isStage(pipeline)) {
    const meant = typeof pipeline === 'function' || Array.isArray(pipeline) ? '' : `: write ${example}, with ${FIRST}`

    throw new InvalidPipelineError(`${owner} needs a pipeline, not ${describeStage(pipeline)}${meant}`)
  }

  const faults = [
    ...findPlan(pipeline) == null ? [`it ${OF_ANOTHER_COPY}`] : [],
    ...pipeline.accepts.target === true ? [] : [`it begins with "${firstOf(pipeline).name}", which needs ${flows(pipeline)}: put a source such as fromCaller() above`],
    ...pipeline.yields === 'connections' ? [] : [`it ends with ${pipeline.yields}: put race() below`]
  ]

  if (faults.length > 0) {
    throw new InvalidPipelineError(`The pipeline cannot dial: ${faults.join('; ')}`)
  }
}

/**
 * Checks that the pipeline has `converge()` when options of convergence are passed
 *
 * @throws InvalidParametersError when it has none
 */
export function checkConverges (owner: string, pipeline: AnyStage, convergence: object | false | undefined): void {
  if (convergence != null && convergence !== false && !converges(pipeline)) {
    throw new InvalidParametersError(`${owner}({ convergence }) says how connections converge, and the pipeline has no converge(): append it, as in staggered().after('race', converge())`)
  }
}

function firstOf (stage: AnyStage & { readonly stages?: readonly AnyStage[] }): AnyStage {
  const first = stage.stages?.[0]

  return first == null ? stage : firstOf(first)
}
