import { declaredOptions } from '../declared-options.ts'
import { NoValidAddressesError, toError } from '../errors.ts'
import type { Part } from './part.ts'
import type { Drop } from './story.ts'
import type { Clock } from '../clock.ts'
import type { AnyStage, Candidate, ConnectedDial, DialComponents, DialPipelineOptions, Outcome, Target } from '../types.ts'
import type { Connection, Logger } from '@libp2p/interface'

/** A dial as one stage sees it: everything it says is stamped with the stage's name */
export class StageDial implements ConnectedDial {
  readonly part: Part
  readonly stage: string
  /** The same, with the names of the pipelines around it, as edits name it: `policy/mine` */
  readonly place: string
  readonly #declared: readonly string[]
  readonly #given?: DialPipelineOptions
  #options?: DialPipelineOptions
  #log?: Logger

  /**
   * @param options - instead of those of the dial
   * @param path - the names of the pipelines around the stage
   */
  constructor (part: Part, { name, options: declared }: Pick<AnyStage, 'name' | 'options'>, options?: DialPipelineOptions, path = '') {
    this.part = part
    this.stage = name
    this.place = path === '' ? name : `${path}${name}`
    this.#declared = declared
    this.#given = options
  }

  get signal (): AbortSignal { return this.part.signal }
  get target (): Target { return this.part.host.target.current }
  get options (): DialPipelineOptions { return (this.#options ??= this.#visibleOptions()) }
  get outcomes (): readonly Outcome[] { return this.part.memory.outcomes }
  get clock (): Clock { return this.part.host.clock }
  get node (): DialComponents { return this.part.host.node }
  get log (): Logger { return (this.#log ??= this.part.host.log.newScope(this.stage)) }

  /** An attempt has connected, or there is a connection that is the answer where none better comes */
  get hasConnection (): boolean {
    const { kept, outcomes } = this.part.memory

    return kept?.status === 'open' || outcomes.some(({ status, candidate }) => status === 'connected' && this.part.memory.refuserOf(candidate) == null)
  }

  tried (candidate: Candidate): boolean {
    return this.part.memory.tried.has(candidate.id)
  }

  everTried ({ id }: Candidate): boolean {
    return this.part.memory.everTried(id)
  }

  linger (): void {
    this.part.linger()
  }

  discard (connection: Connection): void {
    this.part.host.discard(connection)
  }

  /** Why this node cannot dial a candidate, undefined where it can */
  whyNotDialable (candidate: Candidate): string | undefined {
    return this.part.host.whyNotDialable(candidate)
  }

  /** What the node's connection gater says of a candidate. True: may be dialled */
  gate (candidate: Candidate): boolean | Promise<boolean> {
    return this.part.host.gate(candidate)
  }

  /** A candidate that did not get past the stage does now */
  passed (candidate: Candidate): void {
    const story = this.part.host.story.of(candidate)

    if (story.dropped?.stage === this.place) {
      story.dropped = undefined
    }
  }

  /** A candidate does not get past the stage */
  dropped (candidate: Candidate, { cause, ...drop }: Drop): void {
    const { host } = this.part
    const { reason } = drop
    const story = host.story.of(candidate)

    // what was attempted has that for its story
    if (story.attempts.length > 0 || (story.dropped?.stage === this.place && story.dropped.reason === reason)) {
      return
    }

    if (host.log.enabled) {
      this.log('dropped %s: %s', candidate.id, reason)
    }

    // a gater that throws fails the dial with its own error, as in libp2p
    const told = cause == null || this.stage === 'gater' ? cause : new NoValidAddressesError(`${candidate.id} was dropped by ${this.place}: ${reason}`, { cause: toError(cause) })
    story.dropped = { stage: this.place, ...drop, ...told == null ? {} : { cause: told } }
  }

  #visibleOptions (): DialPipelineOptions {
    const { host } = this.part

    return (this.#given == null ? host.optionsOf?.(this.stage, this.#declared) : undefined) ?? declaredOptions(this.#given ?? host.options, this.stage, this.#declared)
  }
}
