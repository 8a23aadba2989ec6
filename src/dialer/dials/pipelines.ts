import { readDialOptions } from '../../pipeline/read-dial-options.ts'
import { prepare } from '../../pipeline/runtime/make-stage.ts'
import { checkConnects } from './check-connects.ts'
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
