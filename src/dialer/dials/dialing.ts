import { CustomProgressEvent } from 'progress-events'
import { asAddress } from '../../pipeline/claim.ts'
import { crowdedOut } from './crowded-out.ts'
import { noteClosed } from './dial-error.ts'
import { addAddress, PassedEvents } from './dial-progress.ts'
import { DialRun } from './dial-run.ts'
import { noteDialOf, TracedDial } from './traced-dial.ts'
import { rootLineage } from '../attempts/nested.ts'
import type { Caller } from './caller.ts'
import type { DialNode } from './running-dial.ts'
import type { Lineage } from '../attempts/nested.ts'
import type { ParsedTarget } from './target.ts'
import type { SlotTaker } from '../attempts/ticket.ts'
import type { AnyStage, Candidate, DialPipelineOptions } from '../../pipeline/types.ts'
import type { CallerStory } from '../../trace/record.ts'
import type { DialTrace } from '../../trace/types.ts'
import type { Logger } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Callers whose story is kept: thousands may join a dial */
const MOST_SETTLED = 64

/** Of all engines: two on one node have different ids */
let dialCount = 0

export interface DialingInit {
  /** What the first caller asked for */
  requested: ParsedTarget
  /** Dials of the same key are one */
  joinKey: string
  options: DialPipelineOptions
  pipeline: AnyStage
  /** Default: the application asks for the dial */
  lineage?: Lineage
  /** The filters that a dial inherits which is made for others */
  inherited?: readonly AnyStage[]
}

/** One dial, for all callers who asked for it. While it waits it is no more than this record */
export class Dialing {
  /** What the first caller asked for */
  readonly requested: ParsedTarget
  readonly joinKey: string
  readonly options: DialPipelineOptions
  readonly pipeline: AnyStage
  readonly inherited?: readonly AnyStage[]
  readonly callers = new Set<Caller>()
  priority: number
  /** Since it runs */
  run?: DialRun
  /** A transport asks for it, in an attempt that holds a slot: its own attempts take none of the node */
  isCharged = false
  isDemoted = false
  slotAt?: number
  readonly #number = ++dialCount
  #lineage?: Lineage
  /** How many callers it has had */
  #callerCount = 0
  /** A caller has named the peer alone */
  #isOfPeer = false
  #attempts?: Set<SlotTaker>
  #passed?: PassedEvents
  #settledCallers?: CallerStory[]
  #traced?: TracedDial
  /** The dial has ended, with all of its attempts */
  #isOver = false

  constructor ({ requested, joinKey, options, pipeline, lineage, inherited }: DialingInit) {
    this.requested = requested
    this.joinKey = joinKey
    this.options = options
    this.pipeline = pipeline
    this.#lineage = lineage
    this.inherited = inherited
    this.priority = options.priority ?? 50
  }

  /** The addresses of all callers. Several may name the same ones */
  get multiaddrs (): readonly Multiaddr[] {
    return this.#callerCount > 1 ? [this, ...this.callers].flatMap(({ requested: { multiaddrs } }) => multiaddrs) : this.requested.multiaddrs
  }

  get id (): string { return String(this.#number) }
  get startedAt (): number | undefined { return this.run?.startedAt }

  /** Made when an attempt is: most dials that wait need none */
  get lineage (): Lineage {
    return (this.#lineage ??= rootLineage())
  }

  /** Attempts of other dials wait for it. Whoever asks for it for the application has a dial apart: see `joinKeyOf()` */
  get isNested (): boolean {
    return (this.#lineage?.depth ?? 0) > 0
  }

  /** The dial wants slots, and has had none */
  get isWaitingForSlot (): boolean {
    return this.slotAt == null && this.#attempts != null && this.#attempts.size > 0
  }

  get attempts (): Set<SlotTaker> {
    return (this.#attempts ??= new Set())
  }

  /** The same dial once more, for a caller of this one */
  again ({ requested, options }: Caller): Dialing {
    const { joinKey, pipeline, lineage, inherited } = this

    return new Dialing({ requested, joinKey, options, pipeline, lineage, inherited })
  }

  /** Adds a caller. New addresses enter the running dial at once */
  add (caller: Caller): void {
    this.callers.add(caller)
    this.#callerCount++
    this.#isOfPeer ||= caller.requested.multiaddrs.length === 0
    caller.dial = this
    caller.revision = this.run?.target.add(caller.requested.multiaddrs) === true ? this.run.target.version : 0
  }

  /** Never rejects; resolves when nothing of the dial goes on */
  async begin (node: DialNode): Promise<void> {
    this.run = new DialRun(node, this)

    if (this.isListening) {
      this.progress(new CustomProgressEvent('dial-queue:start-dial'))
    }

    await this.run.run()
    this.#isOver = true
    this.#traced?.close()
  }

  /** Tells which addresses the dial has, in the words and with the event of libp2p's own dialer */
  reportStart (log: Logger, candidates: readonly Candidate[]): void {
    if (log.enabled) {
      log('starting dial to %p with %s', this.requested.peerId, candidates.map(({ id }) => id))
    }

    if (this.isListening) {
      this.progress(new CustomProgressEvent('dial-queue:calculated-addresses', candidates.map(asAddress)))
    }
  }

  /** The record of the dial for its trace, also when the dial has ended */
  get traced (): TracedDial {
    this.#traced ??= new TracedDial(this)

    if (this.#isOver) {
      this.#traced.close()
    }

    return this.#traced
  }

  get trace (): DialTrace { return this.traced.trace }

  callerSettled (story: CallerStory): void {
    this.#settledCallers ??= []

    if (story.error != null) {
      noteDialOf(story.error, this.traced)
    }

    if (this.#settledCallers.length < MOST_SETTLED) {
      this.#settledCallers.push(story)
    }
  }

  /** The stories of its callers: the first that were told, then those that wait */
  get callerStories (): readonly CallerStory[] {
    const settled = this.#settledCallers ?? []

    return this.callers.size === 0 ? settled : [...settled, ...Array.from(this.callers, ({ story }) => story)]
  }

  get callerCount (): number { return this.#callerCount }

  /** Ends the dial; whoever still waits is told the reason */
  end (reason: unknown): void {
    this.take().forEach(caller => { caller.reject(reason, true) })
    this.run?.end(reason)
  }

  /** Settles every caller, but for those whose addresses no race has seen, or had no room: they are returned, with what is left to dial */
  failed (error: Error): Caller[] {
    const { lastLook, story, target } = this.run as DialRun
    const callers = this.take()
    // where a stage is at fault, it would fail once more
    const left = lastLook === Infinity ? new Map<Caller, Multiaddr[]>() : crowdedOut(callers, this.#callerCount, story, this.#isOfPeer ? undefined : target.current.multiaddrs)
    noteClosed(error)
    left.forEach((multiaddrs, caller) => { caller.requested = caller.requested.with(multiaddrs) })

    return callers.filter(caller => {
      const isServed = caller.revision <= lastLook && !left.has(caller)

      if (isServed) {
        caller.reject(error)
      }

      return !isServed
    })
  }

  /** What each caller has named, since it has had several */
  get named (): ReadonlyArray<ReadonlySet<string>> | undefined {
    return this.#callerCount > 1 ? Array.from(this.callers, ({ requested }) => requested.ids) : undefined
  }

  /** Whether a caller listens to the progress of the dial */
  get isListening (): boolean {
    return this.#listeners.length > 0
  }

  get #listeners (): Caller[] {
    return [...this.callers].filter(({ isListening }) => isListening)
  }

  /**
   * Passes an event to the callers that listen. Dials that are made for one another pass events in a circle: each passes one on once
   *
   * @param candidate of the attempt whose transport tells of the event
   */
  progress (event: unknown, candidate?: Candidate): void {
    const listeners = this.#listeners

    if (listeners.length > 0 && (this.#passed ??= new PassedEvents()).add(event)) {
      if (candidate != null) {
        addAddress(event, candidate)
      }

      listeners.forEach(caller => { caller.progress(event) })
    }
  }

  /** Gives up every caller, unsettled */
  take (): Caller[] {
    const callers = [...this.callers]
    this.callers.clear()

    return callers
  }
}
