import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import { declaredOptions } from './declared-options.ts'
import { passedOf } from './entries.ts'
import { DialDeniedError, NoValidAddressesError, toError } from './errors.ts'
import { Memory } from './memory.ts'
import { runAttempt } from './run-attempt.ts'
import type { Clock } from './clock.ts'
import type { DialHost } from './dial-host.ts'
import type { DialPolicy } from './dial-policy.ts'
import type { Entries } from './entries.ts'
import type { Made } from './run.ts'
import type { AnyStageInit, AttemptLayer, Candidate, Dial, DialAttemptOptions, DialPipelineOptions, ForkedDial, List, Outcome, Target } from './types.ts'
import type { Connection, Logger } from '@libp2p/interface'

/** Where in a pipeline a stage stands */
interface Place {
  readonly stage: string
  readonly position: number
  /** What stages below it put around its attempts */
  readonly layers: readonly AttemptLayer[]
  /** The filters above it */
  readonly policy: readonly AnyStageInit[]
  /** The per-dial options that the stage reads; undefined where a dial stands for no stage */
  readonly declared?: readonly string[]
  /** It is a race, and its list has passed what a dial that is made for others inherits */
  readonly isJudged?: boolean
  /** Instead of those of the dial */
  readonly options?: DialPipelineOptions
}

const TOP: Place = { stage: 'dial', position: 0, layers: [], policy: [] }

/** A dial as one stage sees it: everything it says is stamped with the stage's name */
export class StageDial implements Dial {
  readonly signal: AbortSignal
  /** The filters above what stands below the stage, once it runs, where it is made of others */
  policyBelow?: readonly AnyStageInit[]
  readonly #host: DialHost
  readonly #memory: Memory
  readonly #place: Place
  #options?: DialPipelineOptions
  /** Of the newest list */
  #entries?: Entries
  /** By the filters above the source of an address: of all attempts that the stage makes */
  readonly #policies = new Map<readonly AnyStageInit[] | undefined, DialPolicy>()
  #hasLeft = false
  #log?: Logger

  constructor (host: DialHost, signal: AbortSignal, memory: Memory = new Memory(), place: Place = TOP) {
    this.#host = host
    this.#memory = memory
    this.#place = place
    this.signal = signal
  }

  get target (): Target { return this.#host.target.current }
  get options (): DialPipelineOptions { return (this.#options ??= this.#visibleOptions()) }
  get outcomes (): readonly Outcome[] { return this.#memory.outcomes }
  get clock (): Clock { return this.#host.clock }
  get log (): Logger { return (this.#log ??= this.#host.log.newScope(this.#place.stage)) }

  /** The filters above the stage */
  get policy (): readonly AnyStageInit[] { return this.#place.policy }

  /** The filters that a dial inherits which is made for others */
  get inherited (): readonly Made[] | undefined { return this.#host.inherited }

  /** Whether the dial connects to a relay, for another dial */
  get isOfRelay (): boolean { return this.#host.isOfRelay === true }

  /** For the next stage, from the top to the bottom, with the layers that those below it put around its attempts, the dial options that it declares, and the filters above it */
  as (stage: string, { layers = [], declared = [], policy = this.#place.policy, isJudged }: Partial<Pick<Place, 'layers' | 'declared' | 'policy' | 'isJudged'>> = {}): StageDial {
    const { layers: outer, options } = this.#place

    return new StageDial(this.#host, this.signal, this.#memory, { stage, position: ++this.#memory.stages, layers: layers.length === 0 ? outer : [...outer, ...layers], declared, policy, isJudged, options })
  }

  /** The same dial with the options of another */
  withOptions (options: DialPipelineOptions): StageDial {
    return new StageDial(this.#host, this.signal, this.#memory, { ...this.#place, options })
  }

  fork (options: { fresh?: boolean } = {}): ForkedDial {
    const controller = new AbortController()
    const signal = anySignal([this.signal, controller.signal])
    setMaxListeners(Infinity, signal)
    const memory = options.fresh === true ? new Memory(this.#memory) : this.#memory

    return Object.assign(new StageDial(this.#host, signal, memory, this.#place), {
      end: (reason: Error) => {
        if (reason.name === 'TimeoutError' && !controller.signal.aborted) {
          this.#host.story.timeouts.push(reason)
        }

        controller.abort(reason)
        signal.clear()
      }
    })
  }

  whyNotDialable (candidate: Candidate): string | undefined {
    return this.#host.whyNotDialable(candidate)
  }

  gate (candidate: Candidate): boolean | Promise<boolean> {
    return this.#host.gate(candidate)
  }

  linger (): void {
    this.#host.linger()
  }

  keep (connection: Connection): void {
    this.#memory.kept = connection
    this.#host.keep(connection)
  }

  discard (connection: Connection): void {
    this.#host.discard(connection)
  }

  get hasConnection (): boolean {
    return this.#memory.kept?.status === 'open' || this.#memory.outcomes.some(({ status }) => status === 'connected')
  }

  tried (candidate: Candidate): boolean {
    return this.#memory.tried.has(candidate.id)
  }

  everTried (candidate: Candidate): boolean {
    return this.#memory.everTried(candidate.id)
  }

  spent (candidate: Candidate): boolean {
    return this.#memory.spent(candidate.id, this.#place.position)
  }

  verdict (candidate: Candidate, verdict: boolean | string, cause?: Error): void {
    const story = this.#host.story.of(candidate)

    if (verdict !== true) {
      if (this.#host.log.enabled && story.dropped?.reason !== verdict) {
        this.log('dropped %s: %s', candidate.id, verdict === false ? 'no reason given' : verdict)
      }

      const reason = verdict === false ? 'dropped' : verdict
      const { stage } = this.#place
      // a gater that throws fails the dial with its own error, as in libp2p
      const told = cause == null || stage === 'gater' ? cause : new NoValidAddressesError(`${candidate.id} was dropped by ${stage}: ${reason}`, { cause: toError(cause) })
      story.dropped = { stage, reason, ...told == null ? {} : { cause: told } }
      this.#memory.drop(candidate.id, this.#place.position, story.dropped)
    } else if (this.#memory.isDropped(candidate.id, this.#place.position)) {
      story.dropped = this.#memory.takeBack(candidate.id, this.#place.position)
    }

    // what was attempted has that for its story
    if (story.attempts.length > 0) {
      story.dropped = undefined
    }
  }

  expanded (candidate: Candidate, into: readonly Candidate[]): void {
    this.#memory.expand(candidate.id, this.#place.position, into)
    this.#host.story.of(candidate).expanded = { stage: this.#place.stage, into: into.map(({ id }) => id) }
  }

  /** A list has come as far as a race. Where it is wholly spent and stages above do not know it yet, they are asked again */
  listed (list: List): void {
    // pulled ahead by a race that has ended since
    if (this.#hasLeft) {
      return
    }

    const { candidates, complete, revision, entries } = list
    this.#entries = entries
    const final = complete && revision === this.target.revision

    for (const candidate of candidates) {
      const story = this.#host.story.of(candidate)
      story.listed = true
      story.dropped = undefined
      this.#memory.forgive(candidate.id)
    }

    this.#host.listed(list)

    if (final && this.#memory.raisedAt !== this.#memory.knowledge && candidates.every(candidate => this.spent(candidate))) {
      this.#raise()
    }
  }

  /** The race takes no more lists */
  left (): void {
    this.#hasLeft = true
  }

  async attempt (candidate: Candidate, options: DialAttemptOptions): Promise<Connection> {
    if (this.inherited != null && this.inherited.length > 0 && this.#place.isJudged !== true) {
      throw new DialDeniedError(`Cannot dial ${candidate.id} on behalf of another dial: stage "${this.#place.stage}" begins with a target, so that the filters of the other dial cannot be asked`)
    }

    const { stage, layers } = this.#place

    return runAttempt(candidate, options, {
      host: this.#host,
      memory: this.#memory,
      stage,
      layers,
      policy: this.#policyOf(candidate),
      onListenerError: err => { this.log.error('a listener of an attempt failed - %e', err) },
      onFailed: () => { this.#raise() }
    })
  }

  #policyOf ({ id }: Candidate): DialPolicy {
    const { policy: stages, options = this.#host.options } = this.#place
    const above = this.#entries?.get(id)
    const passed = above == null ? stages : passedOf(stages, above)
    const policy = this.#policies.get(above) ?? { stages: passed, bypassed: stages.slice(0, stages.length - passed.length), options }
    this.#policies.set(above, policy)

    return policy
  }

  #visibleOptions (): DialPipelineOptions {
    const { stage, declared, options = this.#host.options } = this.#place

    if (declared == null) {
      return options
    }

    return this.#host.optionsOf?.(stage, declared) ?? declaredOptions(options, stage, declared)
  }

  #raise (): void {
    this.#memory.raisedAt = this.#memory.knowledge
    this.#host.target.raise()
  }
}
