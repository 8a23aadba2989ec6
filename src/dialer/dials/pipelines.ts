import { InvalidParametersError } from '@libp2p/interface'
import { readDialOptions } from '../../pipeline/read-dial-options.ts'
import { InvalidPipelineError } from '../../pipeline/errors.ts'
import { isStage } from '../../pipeline/describe-value.ts'
import { describeStage, flows, OF_ANOTHER_COPY } from '../../pipeline/order-check.ts'
import { converges, findPlan, prepare } from '../../pipeline/runtime/make-stage.ts'
import { declaredValues } from './value-keys.ts'
import type { ValueKeys } from './value-keys.ts'
import type { AnyStage, DialComponents, DialPipeline, DialPipelineOptions } from '../../pipeline/types.ts'

/** A pipeline of one node */
export interface MadePipeline {
  readonly stage: AnyStage
  readonly id: number
}

/** What a dial is asked for with */
export interface ReadOptions {
  readonly pipeline: MadePipeline
  /** With the values of declared options as the dial keeps them */
  readonly options: DialPipelineOptions
  /** The text that dials with the same values of declared options have in common */
  readonly declared: string
}

/** The pipeline of a node, and those that its dials bring */
export class Pipelines {
  readonly #components: DialComponents
  readonly #keys: ValueKeys
  readonly #made = new WeakMap<AnyStage, MadePipeline>()
  /** The dial options that pipelines of the node read, also one that was replaced: none of them is ignored */
  readonly #optionsOfNode = new Set<string>()
  #current!: DialPipeline
  #count = 0

  constructor (components: DialComponents, pipeline: DialPipeline, keys: ValueKeys) {
    this.#components = components
    this.#keys = keys
    this.current = pipeline
  }

  /** The one of dials that name none */
  get current (): DialPipeline {
    return this.#current
  }

  set current (pipeline: DialPipeline) {
    this.#current = pipeline
    pipeline.options?.forEach(name => { this.#optionsOfNode.add(name) })
  }

  /**
   * The pipeline that a dial with these options runs through, and the options as own properties
   *
   * @throws InvalidPipelineError for one that cannot dial
   * @throws UnsupportedDialOptionError when an option was passed that no stage of it reads
   * @throws InvalidParametersError for a `provenance` that is not understood
   */
  read<T extends DialPipelineOptions> (options: T): { pipeline: MadePipeline, options: T } {
    // null is a pipeline that was not understood
    const { pipeline: own = this.current } = options
    const pipeline = this.#make(own)

    return { pipeline, options: readDialOptions(options, pipeline.stage, this.#optionsOfNode) }
  }

  /** The same, and what a dial with these options shares with others */
  readDeclared (given: DialPipelineOptions): ReadOptions {
    const { pipeline, options } = this.read(given)
    const { key, values } = declaredValues(options, pipeline.stage.options, this.#keys)

    return { pipeline, options: key === '' ? options : { ...options, ...values }, declared: key }
  }

  /** A pipeline is made once a node, also one that is passed per dial */
  #make (stage: AnyStage): MadePipeline {
    const known = this.#made.get(stage)

    if (known != null) {
      return known
    }

    checkConnects(stage, 'dial(peer, { pipeline: adaptive() })', 'The dial option "pipeline"')
    prepare(stage, this.#components)
    const made = { stage, id: ++this.#count }
    this.#made.set(stage, made)

    return made
  }
}

const FIRST = "import { adaptive } from 'libp2p-dial-pipeline/presets'"

/**
 * Checks that a pipeline leads from a target to connections
 *
 * @param example what users write
 * @param owner what needs the pipeline
 * @throws InvalidPipelineError
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
 * Checks that something converges where it is said how
 *
 * @throws InvalidParametersError
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
