import { layeredAttempt } from './layered-attempt.ts'
import { StageDial } from './stage-dial.ts'
import type { AttemptListener, CancelAttempt, MadeList, PolicySource, DialPolicy } from './dial-host.ts'
import type { Demands, Handover } from './handover.ts'
import type { Lists } from './lists.ts'
import type { Part } from './part.ts'
import type { StageRule } from './rules.ts'
import type { AnyStage, AttemptLayer, Candidate } from '../types.ts'
import type { Connection } from '@libp2p/interface'

/** A dial as a race sees it */
export class RaceDial extends StageDial implements PolicySource {
  readonly #lists: Lists
  readonly #below: readonly AnyStage[]
  readonly #layers: readonly AttemptLayer[]
  /** By how many of the filters above the race an address has passed */
  #policies?: Map<number, DialPolicy>
  #list?: MadeList

  /**
   * @param below - the stages that stand below the race, the lowest first
   * @param layers - what they put around each attempt, the outermost first
   */
  constructor (part: Part, stage: AnyStage, lists: Lists, below: readonly AnyStage[], layers: readonly AttemptLayer[]) {
    super(part, stage)
    this.#lists = lists
    this.#below = below
    this.#layers = layers
  }

  /** A connection that a stage of another alternative has refused is no answer here where that stage does not stand below */
  override tried (candidate: Candidate): boolean {
    const refuser = this.part.memory.refuserOf(candidate)

    return super.tried(candidate) && (refuser == null || this.#below.includes(refuser))
  }

  /** Those that hold for the race */
  get rules (): readonly StageRule[] { return this.#lists.rules }

  /** What was begun in a part of the dial that gave way to this one, and goes on */
  get handover (): Handover | undefined { return this.part.handover }

  /** What an attempt passes through. The filters are those that the dial of a relay inherits: an address of the list has passed them itself */
  demandsOf (candidate: Candidate): Demands {
    return { filters: candidate.id.includes('/p2p-circuit') ? this.policyOf(candidate).stages : [], layers: this.#layers }
  }

  /**
   * Pulls the newest list, and notes that the race has seen it
   *
   * @throws what a stage throws; the reason for which the part has ended, also where a listener of the dial has ended it just now
   */
  take (last = false): MadeList {
    const { host } = this.part
    const list = this.#lists.take(last)

    if (list !== this.#list) {
      this.#list = list

      for (const candidate of list.candidates) {
        const story = host.story.of(candidate)
        story.listed = true
        story.dropped = undefined
      }
    }

    host.looked(list, this.#lists)
    this.part.throwIfEnded()

    return list
  }

  /** A connection is the answer where none better comes in time. It need not be given back */
  keep (connection: Connection): void {
    this.part.memory.kept = connection
    this.part.host.keep(connection)
  }

  /** Whether stages below the race put layers around its attempts */
  get hasLayers (): boolean { return this.#layers.length > 0 }

  /** Begins an attempt: shared with other dials that want the same address, given a slot, gated */
  attempt (candidate: Candidate, listener: AttemptListener, own: readonly AttemptLayer[]): CancelAttempt {
    const { host } = this.part

    return own.length === 0 && !this.hasLayers
      ? host.attempt(candidate, listener, this)
      : layeredAttempt(candidate, listener, { host, stage: this.stage, layers: [...this.#layers, ...own], policies: this, onListenerError: err => { this.log.error('a listener of an attempt failed - %e', err) } })
  }

  /** The filters that an address of the list has passed */
  policyOf ({ id }: Candidate): DialPolicy {
    const { filters } = this.#lists
    const above = filters.length === 0 ? undefined : this.#lists.filtersAbove(id)
    const passed = above?.every((stage, i) => stage === filters[i]) === true ? filters.slice(above.length) : filters
    const key = passed.length
    const policy = this.#policies?.get(key) ?? { stages: passed, bypassed: filters.slice(0, filters.length - passed.length), options: this.part.host.options }
    this.#policies = (this.#policies ?? new Map()).set(key, policy)

    return policy
  }
}
