import { InvalidParametersError } from '@libp2p/interface'
import { readDialOptions } from '../../pipeline/dial-options.ts'
import { InvalidPipelineError } from '../../pipeline/errors.ts'
import { isStage } from '../../pipeline/describe-value.ts'
import { describeStage, flows, OF_ANOTHER_COPY } from '../../pipeline/order-check.ts'
import { converges, findPlan, prepare } from '../../pipeline/runtime/make-stage.ts'
import { declaredValues } from './value-keys.ts'
import type { ValueKeys } from './value-keys.ts'
import type { AnyStage, DialComponents, DialPipeline, DialPipelineOptions } from '../../pipeline/types.ts'

/** The options of a dial, after they were read */
export interface ReadOptions {
  readonly pipeline: AnyStage
  /** Includes frozen copies of the declared options */
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
