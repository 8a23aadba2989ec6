import { CustomProgressEvent } from 'progress-events'
import { asAddress } from '../../pipeline/candidate.ts'
import { findCrowdedOut } from './find-crowded-out.ts'
import { addAddress } from './dial-progress.ts'
import { DialRun } from './dial-run.ts'
import { noteDialOf, TracedDial } from './traced-dial.ts'
import type { Caller } from './caller.ts'
import type { DialNode } from './dial-node.ts'
import type { Lineage } from '../attempts/nested.ts'
import type { ParsedTarget } from './target.ts'
import type { SlotTaker } from '../attempts/ticket.ts'
import type { AnyStage, Candidate, DialPipelineOptions } from '../../pipeline/types.ts'
import type { CallerStory } from '../../trace/record.ts'
import type { DialTrace } from '../../trace/types.ts'
import type { Logger } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Maximum number of callers whose story is kept, because thousands may join a dial */
const MAX_SETTLED = 64

/** Counts the dials of all engines, so that ids are unique in a node with two */
let dialCount = 0

interface PendingDialInit extends Pick<PendingDial, 'requested' | 'joinKey' | 'options' | 'pipeline' | 'inherited'> {
  /** Default: the lineage of a dial that the application asks for */
  lineage?: Lineage
}

/** A dial, shared by all callers that asked for it. A queued dial is only this small record */
export class PendingDial {
  /** The target of the first caller */
  readonly requested: ParsedTarget
  /** Callers with the same key and target share the dial */
  readonly joinKey: string
  readonly options: DialPipelineOptions
  readonly pipeline: AnyStage
  /** The filters that a nested dial inherits */
  readonly inherited?: readonly AnyStage[]
  readonly callers = new Set<Caller>()
  callerCount = 0
  priority: number
  /** Whether a caller of this dial, or of one that shares its addresses, has named only the peer */
  isOfPeer = false
  /** Undefined while the dial is queued */
  run?: DialRun
  isDemoted = false
  slotAt?: number
  readonly #number = ++dialCount
  #lineage?: Lineage
  #hasLearnt = false
  #attempts?: Set<SlotTaker>
  /** The events that the dial has passed on, so that each passes once */
  #passed?: WeakSet<object>
  #settledCallers?: CallerStory[]
  #traced?: TracedDial

  constructor ({ requested, joinKey, options, pipeline, lineage, inherited }: PendingDialInit) {
    this.requested = requested
    this.joinKey = joinKey
    this.options = options
    this.pipeline = pipeline
    this.#lineage = lineage
    this.inherited = inherited
    this.priority = options.priority ?? 50
  }

  /** The addresses of all callers, possibly with duplicates */
  get multiaddrs (): readonly Multiaddr[] {
    return this.callerCount > 1 ? [this, ...this.callers].flatMap(({ requested: { multiaddrs } }) => multiaddrs) : this.requested.multiaddrs
  }

  get id (): string { return String(this.#number) }
  get startedAt (): number | undefined { return this.run?.startedAt }

  /** The position among nested dials. Created when it is first read: most queued dials need none */
  get lineage (): Lineage {
    return (this.#lineage ??= { depth: 0, budget: { dials: 0 }, isOfRelay: false })
  }

  /** Whether an attempt of another dial made this dial, for a relay or for WebRTC signalling. The application's dial of the peer does not join this one: see `joinKeyOf()` */
  get isNested (): boolean {
    return (this.#lineage?.depth ?? 0) > 0
  }

  /** Whether the dial wants slots, and has had none */
  get isWaitingForSlot (): boolean {
    return this.slotAt == null && this.#attempts != null && this.#attempts.size > 0
  }

  get attempts (): Set<SlotTaker> {
    return (this.#attempts ??= new Set())
  }

  /** Returns a copy of this dial for one of its callers */
  again ({ requested, options }: Caller): PendingDial {
    const { joinKey, pipeline, lineage, inherited } = this

    return new PendingDial({ requested, joinKey, options, pipeline, lineage, inherited })
  }

  /** Adds a caller. Its new addresses enter a running dial at once */
  add (caller: Caller): void {
    const { requested: { multiaddrs } } = caller
    this.callers.add(caller)
    this.callerCount++
    caller.dial = this
    caller.revision = this.#hear(multiaddrs, multiaddrs.length === 0) ? this.run?.target.version ?? 0 : 0
  }

  /** Adds the addresses of another dial of the peer */
  learn (multiaddrs: readonly Multiaddr[], isOfPeer: boolean): void { this.#hasLearnt = this.#hear(multiaddrs, isOfPeer) || this.#hasLearnt }

  /** Returns whether this is news for a running dial */
  #hear (multiaddrs: readonly Multiaddr[], isOfPeer: boolean): boolean {
    const isFirst = isOfPeer && !this.isOfPeer
    this.isOfPeer ||= isOfPeer

    return this.run?.target.add(multiaddrs, isFirst) === true
  }

  /** Runs the dial. Resolves when the pipeline and all attempts have ended. Never rejects */
  async begin (node: DialNode): Promise<void> {
    this.run = new DialRun(node, this)

    if (this.isListening) {
      this.progress(new CustomProgressEvent('dial-queue:start-dial'))
    }

    await this.run.run()
    this.traced.close()
  }

  /** Logs and reports the first addresses of the dial, with the text and the event of libp2p's own dialer */
  reportStart (log: Logger, candidates: readonly Candidate[]): void {
    if (log.enabled) {
      log('starting dial to %p with %s', this.requested.peerId, candidates.map(({ id }) => id))
    }

    if (this.isListening) {
      this.progress(new CustomProgressEvent('dial-queue:calculated-addresses', candidates.map(asAddress)))
    }
  }

  /** The record of the dial, from which its trace is made. Remains after the dial has ended */
  get traced (): TracedDial {
    return (this.#traced ??= new TracedDial(this))
  }

  get trace (): DialTrace { return this.traced.trace }

  callerSettled (story: CallerStory): void {
    const settled = (this.#settledCallers ??= [])

    if (story.error != null) {
      noteDialOf(story.error, this.traced)
    }

    // beyond the cap, the first caller with a result takes the place of one that left: the trace shows when the dial had its result
    if (settled.length < MAX_SETTLED || (story.hasLeft !== true && settled.at(-1)?.hasLeft === true)) {
      settled[Math.min(settled.length, MAX_SETTLED - 1)] = story
    }
  }

  /** The stories of the callers: settled ones first, then those that wait */
  get callerStories (): readonly CallerStory[] {
    const settled = this.#settledCallers ?? []

    return this.callers.size === 0 ? settled : [...settled, ...Array.from(this.callers, ({ story }) => story)]
  }

  /** Ends the dial. Its callers reject with the reason */
  end (reason: unknown): void {
    this.take().forEach(caller => { caller.reject(reason, true) })
    this.run?.end(reason)
  }

  /** Rejects the callers, except those with addresses that no race has seen, or that had no room. Returns these, with the addresses that are left to dial */
  failed (error: Error): Caller[] {
    const { lastLook, story, target } = this.run as DialRun
    const callers = this.take()
    // a stage that throws would throw again, so no caller gets another dial
    const left = lastLook === Infinity ? new Map<Caller, Multiaddr[]>() : findCrowdedOut(callers, this.callerCount + Number(this.#hasLearnt), story, this.isOfPeer ? undefined : target.current.multiaddrs)
    left.forEach((multiaddrs, caller) => { caller.requested = caller.requested.with(multiaddrs) })

    return callers.filter(caller => {
      const isServed = caller.revision <= lastLook && !left.has(caller)

      if (isServed) {
        caller.reject(error)
      }

      return !isServed
    })
  }

  /** The ids of the addresses that each caller named. Undefined when the dial has had one caller */
  get named (): ReadonlyArray<ReadonlySet<string>> | undefined {
    return this.callerCount > 1 ? Array.from(this.callers, ({ requested }) => requested.ids) : undefined
  }

  /** Whether a caller listens to the progress of the dial */
  get isListening (): boolean { return this.#listeners.length > 0 }

  get #listeners (): Caller[] {
    return [...this.callers].filter(({ isListening }) => isListening)
  }

  /**
   * Passes an event to the callers that listen. Each event passes once, because nested dials may pass events in a circle
   *
   * @param candidate the address of the attempt whose transport reports the event
   */
  progress (event: unknown, candidate?: Candidate): void {
    const listeners = this.#listeners

    if (listeners.length > 0 && !this.#hasPassed(event)) {
      if (candidate != null) {
        addAddress(event, candidate)
      }

      listeners.forEach(caller => { caller.progress(event) })
    }
  }

  #hasPassed (event: unknown): boolean {
    const passed = (this.#passed ??= new WeakSet())

    return typeof event === 'object' && event !== null && (passed.has(event) || !passed.add(event))
  }

  take (): Caller[] {
    const callers = [...this.callers]
    this.callers.clear()

    return callers
  }
}
