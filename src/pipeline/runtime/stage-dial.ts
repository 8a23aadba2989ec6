import { declaredOptions } from '../dial-options.ts'
import { isPipelineFault, toError } from '../errors.ts'
import { formatAddresses } from '../safe-text.ts'
import { scopedLogger } from '../safe-log.ts'
import { layeredAttempt } from './layered-attempt.ts'
import type { AttemptListener, PendingWork, BegunAttempt, DialPolicy, MadeList, PolicySource, RaceCall } from './dial-host.ts'
import type { AttemptDemands, Part } from './part.ts'
import type { StageRule } from './rules.ts'
import type { Clock } from '../clock.ts'
import type { AnyStage, AttemptLayer, Candidate, Dial, DialComponents, DialPipelineOptions, Outcome, Target } from '../types.ts'
import type { Connection, Logger } from '@libp2p/interface'

/** A dial, as one stage sees it. Its log entries carry the name of the stage */
export class StageDial implements Dial {
  readonly part: Part
  readonly stage: string
  /** The name of the stage after those of the pipelines around it, as edits write it: `policy/mine` */
  readonly qualifiedName: string
  readonly #declared: readonly string[]
  /** Replaces the options of the dial */
  readonly #given?: DialPipelineOptions
  #options?: DialPipelineOptions
  #log?: Logger

  constructor (part: Part, { name, options: declared }: Pick<AnyStage, 'name' | 'options'>, options?: DialPipelineOptions, path = '') {
    this.part = part
    this.stage = name
    this.qualifiedName = path === '' ? name : `${path}${name}`
    this.#declared = declared
    this.#given = options
  }

  get signal (): AbortSignal { return this.part.signal }
  get target (): Target { return this.part.host.target.current }
  get options (): DialPipelineOptions { return (this.#options ??= this.#visibleOptions()) }
  get outcomes (): readonly Outcome[] { return this.part.memory.outcomes }
  get clock (): Clock { return this.part.clock }
  get node (): DialComponents { return this.part.host.node }
  get log (): Logger { return (this.#log ??= scopedLogger(this.part.host.log, this.stage)) }

  tried (candidate: Candidate): boolean {
    return this.part.memory.tried.has(candidate.id)
  }

  everTried ({ id }: Candidate): boolean {
    return this.part.memory.everTried(id)
  }

  /** Logs a step of the stage. @param args formatted only if the log is enabled */
  logStep (text: string, ...args: ReadonlyArray<string | number | readonly Candidate[]>): void {
    if (this.log.enabled) {
      this.log(text, ...args.map(arg => typeof arg === 'object' ? formatAddresses(arg.map(({ id }) => id)) : typeof arg === 'string' ? formatAddresses([arg]) : arg))
    }
  }

  discard (connection: Connection): void {
    this.part.host.discard(connection)
  }

  /**
   * Logs an error of a function of the stage, and returns it as an Error: it costs one address, or one source
   *
   * @param what what failed, as a format string for the log
   * @throws the error itself, if the pipeline is at fault or the dial has ended
   */
  logFailure (thrown: unknown, what: string, ...addresses: readonly string[]): Error {
    if (isPipelineFault(thrown)) {
      throw thrown
    }

    return this.logAnyFailure(thrown, what, ...addresses)
  }

  /**
   * The same as `logFailure()`, also for a wrong answer: a source with a wrong answer adds nothing, and the other sources go on
   *
   * @throws the error itself, if the dial has ended, or the stage reads an option that it does not declare
   */
  logAnyFailure (thrown: unknown, what: string, ...addresses: readonly string[]): Error {
    if (this.part.isEnded || (isPipelineFault(thrown) && toError(thrown).name !== 'InvalidStageOutputError')) {
      throw thrown
    }

    const error = toError(thrown)
    this.log.error(`${what} - %e`, ...addresses.map(one => formatAddresses([one])), error)

    return error
  }

  #visibleOptions (): DialPipelineOptions {
    const { host } = this.part

    return this.#given == null && host.shownOptions != null ? host.shownOptions : declaredOptions(this.#given ?? host.options, this.stage, this.#declared)
  }
}

/** The lists above a race */
export interface RaceLists extends PendingWork {
  /** The timing rules of the race */
  readonly rules: readonly StageRule[]
  /** The filters above the race, the uppermost first */
  readonly filters: readonly AnyStage[]
  /** Returns how many of the filters are above the lowest source that gives an address. 0: its source is unknown */
  filtersAbove (id: string): number
  /** @throws the error of a stage */
  take (call: RaceCall | undefined): MadeList
}

/** A dial, as a race sees it */
export class RaceDial extends StageDial implements PolicySource {
  readonly lists: RaceLists
  /** The layers that stages below the race add to each attempt, outermost first */
  readonly layers: readonly AttemptLayer[]
  readonly #below: readonly AnyStage[]
  readonly #areJudgedBelow: boolean
  /** Cached policies, by the number of filters above the source of an address: the address has bypassed these */
  #policies?: Map<number, DialPolicy>
  #list?: MadeList

  /**
   * @param below the stages below the race, lowest first
   * @param areJudgedBelow whether one of them is hand-written, and sees connections only when the race yields them
   */
  constructor (part: Part, stage: AnyStage, lists: RaceLists, below: readonly AnyStage[], layers: readonly AttemptLayer[], areJudgedBelow: boolean) {
    super(part, stage)
    this.lists = lists
    this.layers = layers
    this.#below = below
    this.#areJudgedBelow = areJudgedBelow
  }

  // the options are unchecked: a race reads only those of libp2p
  override get options (): DialPipelineOptions { return this.part.host.options }

  /** A candidate counts as untried again if a stage failed its attempt that this race has neither above nor below */
  override tried (candidate: Candidate): boolean {
    return super.tried(candidate) && this.part.host.story.refusersOf(candidate).every(one => this.has(one))
  }

  /** Returns whether a filter is above the race, or a stage below it */
  has (stage: AnyStage): boolean {
    return this.#below.includes(stage) || this.lists.filters.includes(stage)
  }

  /** Whether an attempt has connected, or a connection is kept as the answer */
  get hasConnection (): boolean {
    const { host: { story }, memory: { outcomes } } = this.part

    return story.provisional != null || outcomes.some(({ status, candidate }) => status === 'connected' && story.refusersOf(candidate).length === 0)
  }

  /** Returns whether a connection is open, and no stage below a race has refused it */
  isUsable (connection: Connection): boolean {
    return connection.status === 'open' && !this.part.host.story.isRefused(connection)
  }

  /**
   * Keeps a connection as the answer when the time of the dial is up. Keeps none that a hand-written stage below the race has not seen: it would
   * skip that stage
   */
  keepProvisional (connection: Connection): void {
    const { story } = this.part.host

    if (!story.hasMade(connection) || !this.#areJudgedBelow) {
      story.keepProvisional(connection)
    }
  }

  /** Returns the demands on an attempt. Only the dial of a relay inherits filters, so they matter for relayed addresses only */
  demandsOf (candidate: Candidate): AttemptDemands {
    return { filters: candidate.id.includes('/p2p-circuit') ? this.policyOf(candidate).stages : [], layers: this.layers }
  }

  /**
   * Pulls the newest list, and records that the race has seen it
   *
   * @throws the error of a stage; the reason for which the part has ended, possibly during the pull
   */
  take (call?: RaceCall): MadeList {
    const { host } = this.part
    const list = this.lists.take(call)

    if (list !== this.#list) {
      this.#list = list

      list.candidates.forEach((candidate, position) => {
        const story = host.story.of(candidate)
        story.position = position
        story.dropped = undefined
      })

      this.logStep('dials in this order, %s: %s', list.complete ? 'and no others' : 'and more may come', list.candidates)
    }

    host.onListPulled(list, this.lists)
    this.part.throwIfEnded()

    return list
  }

  /** Begins an attempt with a slot and a check by the gater. Dials that want the same address share it */
  attempt (candidate: Candidate, listener: AttemptListener, own: readonly AttemptLayer[]): BegunAttempt {
    const { host } = this.part

    return own.length === 0 && this.layers.length === 0
      ? host.attempt(candidate, listener, this)
      : layeredAttempt(candidate, listener, { host, stage: this.stage, layers: [...this.layers, ...own], policies: this, onListenerError: err => { this.log.error('a listener of an attempt failed - %e', err) } })
  }

  /** Returns the filters that an address of the list has passed */
  policyOf ({ id }: Candidate): DialPolicy {
    const { filters } = this.lists
    const bypassed = filters.length === 0 ? 0 : this.lists.filtersAbove(id)
    const policy = this.#policies?.get(bypassed) ?? { stages: filters.slice(bypassed), bypassed: filters.slice(0, bypassed), options: this.part.host.options }
    this.#policies = (this.#policies ?? new Map()).set(bypassed, policy)

    return policy
  }
}
