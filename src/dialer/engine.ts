import { AbortError, DialError, InvalidParametersError } from '@libp2p/interface'
import { CustomProgressEvent } from 'progress-events'
import { describeValue } from '../pipeline/describe-value.ts'
import { toError } from '../pipeline/errors.ts'
import { readDialOptions } from '../pipeline/read-dial-options.ts'
import { make } from '../pipeline/run.ts'
import { abortReasonOf } from './abort-reason.ts'
import { claimedSource, sourceAddresses } from './address-sources.ts'
import { Attempts } from './attempts.ts'
import { Caller } from './caller.ts'
import { checkConnects } from './check-connects.ts'
import { checkListeners } from './check-listeners.ts'
import { declaredValues } from './declared-values.ts'
import { DialBarrier } from './dial-barrier.ts'
import { Dialing } from './dialing.ts'
import { findExisting } from './existing.ts'
import { Joins } from './joins.ts'
import { joinKeyOf } from './join-key.ts'
import { checkNotCircular, isOfRelay, lineageOf, outerAttemptOf, spend } from './nested.ts'
import { Policies } from './policies.ts'
import { vouchForAddresses } from './relay-address.ts'
import { reportProgress } from './report-progress.ts'
import { Schedule } from './schedule.ts'
import { Slots } from './slots.ts'
import { StackGuard } from './stack-guard.ts'
import { parseTarget } from './target.ts'
import { inheritedOptions } from './transport-options.ts'
import type { DialNode, DialRun } from './dial-run.ts'
import type { DialingInit } from './dialing.ts'
import type { OuterAttempt } from './nested.ts'
import type { NodeSettings } from './settings.ts'
import type { SlotsInit } from './slots.ts'
import type { DialTarget, ParsedTarget } from './target.ts'
import type { Made } from '../pipeline/run.ts'
import type { DialPolicy } from '../pipeline/dial-policy.ts'
import type { AnyStageInit, DialComponents, DialPipeline, DialPipelineOptions } from '../pipeline/types.ts'
import type { Connection, Logger, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What the engine tells whoever listens */
export interface EngineEvents {
  /** A dial has yielded a connection; `place` is how many it had yielded before */
  onConnected: (dial: Dialing, connection: Connection, place: number) => void
  /** The connection to a peer that new streams take; undefined: any */
  preferred?: (peerId: PeerId) => Connection | undefined
  onEnded: (dial: Dialing) => void
  /** The node starts; may be called again */
  onStart?: () => void
  /** The node stops; may be called again */
  onStop?: () => void
}

/** What becomes of a dial that callers wait for */
export interface DialWatcher {
  added (): void
  active (): void
  /** It is not pending any more */
  settled (dial: Dialing, outcome: DialOutcome): void
}

export type DialOutcome = { readonly connection: Connection } | { readonly error: unknown }

/** As libp2p's own dialer logs: its documentation tells users to look there */
export const QUEUE_LOG = 'libp2p:connection-manager:dial-queue'

/** Of all engines: two on one node have different ids */
let dials = 0

/** The dials of a node: who joins whom, who runs, who is told */
export class Engine implements DialNode {
  readonly components: DialComponents
  readonly attempts: Attempts
  readonly log: Logger
  readonly queueLog: Logger
  /** Those that callers wait for, in the order in which they were asked for */
  readonly pending = new Set<Dialing>()
  /** Those whose pipeline has not ended: it may go on after the callers have their connection */
  readonly running = new Set<Dialing>()
  /** Progress listeners are called before a dial returns, and may dial */
  readonly stack = new StackGuard()
  readonly barrier = new DialBarrier()
  /** Is told what happens to pending dials */
  watcher?: DialWatcher

  readonly #settings: NodeSettings
  readonly #slots: Slots
  readonly #events: EngineEvents
  readonly #joins = new Joins<Dialing>()
  readonly #schedule: Schedule<Dialing>
  readonly #made = new WeakMap<AnyStageInit, Made & { id: number }>()
  readonly #onIdle = new Set<() => void>()
  readonly #policies: Policies
  /** The dial options that pipelines of the node read, also one that was replaced: none of them is ignored */
  readonly #optionsOfNode = new Set<string>()
  #pipeline!: DialPipeline
  #pipelines = 0
  #pendingRuns = 0
  #isStopped = false

  constructor (components: DialComponents, settings: NodeSettings, pipeline: DialPipeline, slots: SlotsInit, events: EngineEvents) {
    this.components = components
    this.use(pipeline)
    this.queueLog = components.logger.forComponent(QUEUE_LOG)
    this.#policies = new Policies(components)
    this.#slots = new Slots(slots, settings.maxParallelDials)
    this.attempts = new Attempts(components, this.#slots, this.#policies, this.queueLog)
    this.log = components.logger.forComponent('libp2p:dial-pipeline')
    this.#settings = settings
    this.#events = events
    this.#schedule = new Schedule(settings.maxParallelDials, dial => { this.#begin(dial) })
  }

  /** The pipeline of dials that name none */
  get pipeline (): DialPipeline {
    return this.#pipeline
  }

  /** Dials that begin from now on, also those that wait, run through this pipeline */
  use (pipeline: DialPipeline): void {
    this.#pipeline = pipeline
    pipeline.options?.forEach(name => { this.#optionsOfNode.add(name) })
  }

  start (): void {
    this.#isStopped = false
    this.#events.onStart?.()
  }

  /** Ends every dial, also those that wait. May be called again, and started again */
  stop (): void {
    this.#isStopped = true
    const reason = new AbortError('The dialer was stopped')
    const dials = new Set([...this.pending, ...this.running])

    // or each that is forgotten would make place for the next
    this.#schedule.clear()
    dials.forEach(dial => { dial.end(reason) })
    dials.forEach(dial => { this.#forget(dial, { error: reason }) })
    this.#events.onStop?.()
  }

  /** How many dials run at once from now on */
  set maxParallelDials (maxParallelDials: number) {
    this.#schedule.max = maxParallelDials
    this.#slots.maxParallelDials = maxParallelDials
  }

  /** How many of the pending dials run */
  get pendingRuns (): number {
    return this.#pendingRuns
  }

  /** Ends one dial: whoever waits for it is told the reason */
  abort (dial: Dialing, reason: unknown): void {
    const error = abortReasonOf(reason)

    // first, or who dials in a listener for the abort would join it
    this.#forget(dial, { error })
    dial.end(error)
  }

  /** Dials that have not begun wait until `resume()` */
  pause (): void {
    this.#schedule.pause()
  }

  resume (): void {
    this.#schedule.resume()
  }

  /** Resolves to whether a dial that was asked for now would start before its time is over. Never rejects */
  async canStart (signal?: AbortSignal): Promise<boolean> {
    return this.barrier.opensWithin(this.#settings.dialTimeout, this.components.clock, signal)
  }

  /** Resolves when no dial is pending and no pipeline runs */
  async idle (): Promise<void> {
    if (this.pending.size > 0 || this.running.size > 0) {
      await new Promise<void>(resolve => { this.#onIdle.add(resolve) })
    }
  }

  /**
   * The pipeline that a dial with these options runs through, and the options as own properties
   *
   * @throws InvalidPipelineError for one that cannot dial
   * @throws UnsupportedDialOptionError when an option was passed that no stage of it reads
   * @throws InvalidParametersError for a `provenance` that is not understood
   */
  read<T extends DialPipelineOptions> (options: T): { pipeline: Made & { id: number }, options: T } {
    // null is a pipeline that was not understood
    const { pipeline: own = this.pipeline } = options
    const pipeline = this.#make(own)

    return { pipeline, options: readDialOptions(options, pipeline.init, this.#optionsOfNode) }
  }

  /** The same, with the values of declared options as the dial keeps them, and the text that dials with the same values have in common */
  #readDeclared (given: DialPipelineOptions): { pipeline: Made & { id: number }, options: DialPipelineOptions, declared: string } {
    const { pipeline, options } = this.read(given)
    const { key, values } = declaredValues(options, pipeline.init.options, this.#policies.keys)

    return { pipeline, options: key === '' ? options : { ...options, ...values }, declared: key }
  }

  // neither async, nor what it calls: a promise on the way is as large as half of all else that a waiting dial takes
  dial (target: DialTarget, given: DialPipelineOptions = {}): Promise<Connection> {
    try {
      return this.stack.run(() => this.#dial(target, given))
    } catch (err) {
      return Promise.reject(err)
    }
  }

  /** The attempt of this engine that a dial with these options is made for. One of another node's is none */
  outerAttempt (options: DialPipelineOptions): OuterAttempt | undefined {
    const attempt = outerAttemptOf(options)

    return attempt?.home === this.components ? attempt : undefined
  }

  #dial (target: DialTarget, given: DialPipelineOptions): Promise<Connection> {
    if (this.#isStopped) {
      throw new AbortError('The dialer is stopped')
    }

    checkListeners(given)
    const madeFor = this.outerAttempt(given)
    const { pipeline, options, declared } = this.#readDeclared(madeFor == null ? given : inheritedOptions(given, madeFor, this.#policyOptions(madeFor)))
    checkPriority(options.priority)
    const claimed = claimedSource(options)
    const requested = parseTarget(target)

    if (options.signal?.aborted === true) {
      throw abortReasonOf(options.signal.reason)
    }

    const inheritance = madeFor == null ? undefined : this.#policies.inherit(madeFor.policies)
    const joinKey = joinKeyOf(options, { pipeline: pipeline.id, declared, isOfRelay: isOfRelay(madeFor, requested.peer), inherited: inheritance?.key })
    const joined = this.#joins.find(requested, joinKey)
    // made once for all who join
    const { peerId } = joined?.requested ?? requested
    const existing = this.#existing(peerId, requested.multiaddrs, options)

    if (existing != null) {
      this.queueLog('already connected to %p', existing.remotePeer)
      reportProgress(options, new CustomProgressEvent('dial-queue:already-connected', existing), this.log)
      return Promise.resolve(existing)
    }

    if (madeFor == null) {
      sourceAddresses(requested, claimed, options, this.components.addressBook)
    } else {
      checkNotCircular(madeFor, joined, requested.peer)
      madeFor.isNesting = true
      vouchForAddresses(requested, madeFor)
    }

    if (joined == null && madeFor == null && this.pending.size >= this.#settings.maxDialQueueLength) {
      throw new DialError('Dial queue is full')
    }

    const dial = joined ?? this.#newDial({ requested, joinKey, options, pipeline, lineage: lineageOf(madeFor, requested.peer), inherited: inheritance?.stages }, madeFor)
    this.queueLog(joined == null ? 'creating dial target for %p' : 'joining existing dial target for %p', peerId)
    const caller = new Caller({ requested, options, log: this.log, madeFor, explain: this.#explain, onLeave: this.#leave })

    try {
      this.#enter(dial, caller, joined != null)
    } catch (err) {
      // or it would wait for a dial that does not know of it
      caller.leave(err)
    }

    return caller.promise
  }

  /** The `provenance` option of a dial is its policy, in the place of the node's, at a relay too */
  #policyOptions ({ policies }: OuterAttempt): DialPipelineOptions {
    const [first, ...others] = policies
    const provenance = first?.options.provenance

    return provenance != null && this.#pipeline.options?.includes('provenance') === true && others.every(one => this.#policies.keyOf(one) === this.#policies.keyOf(first as DialPolicy)) ? { provenance } : {}
  }

  #enter (dial: Dialing, caller: Caller, isJoining: boolean): void {
    this.#add(dial, caller)
    // its listener may do anything: leave, dial, stop the node
    caller.progress(new CustomProgressEvent(isJoining ? 'dial-queue:already-in-dial-queue' : 'dial-queue:add-to-dial-queue'))

    if (caller.isSettled) {
      return
    }

    if (isJoining) {
      this.#raise(dial, caller.options.priority ?? dial.priority)
      this.#expire(dial, caller)
    }

    this.#enqueue(dial, caller.madeFor != null)
  }

  #raise (dial: Dialing, priority: number): void {
    if (priority > dial.priority) {
      this.#schedule.raise(dial, priority)
      this.attempts.raise(dial)
      // those that are made for it: they are a few deep
      this.running.forEach(nested => {
        if (isMadeFor(nested, dial)) {
          this.#raise(nested, priority)
        }
      })
    }
  }

  #newDial (init: Omit<DialingInit, 'id' | 'createdAt'>, madeFor: OuterAttempt | undefined): Dialing {
    spend(init.lineage, madeFor, init.requested.peer)

    return new Dialing({ id: `${++dials}`, createdAt: this.components.clock.now(), ...init })
  }

  #add (dial: Dialing, caller: Caller): void {
    caller.revision = dial.add(caller)

    if (!this.pending.has(dial)) {
      this.pending.add(dial)
      this.watcher?.added()
    }

    this.#joins.add(dial, caller.requested, dial.joinKey)
  }

  /** Whoever is needed by an attempt that runs does not wait, and takes no slot */
  #enqueue (dial: Dialing, isNested: boolean): void {
    if (isNested) {
      dial.charge()
    }

    if (dial.run == null) {
      this.#schedule.add(dial, isNested)
    }
  }

  readonly #explain = (reason: unknown): unknown => this.barrier.explain(reason)

  /** A caller is gone. When it was the last, the dial ends for the same reason */
  readonly #leave = ({ dial }: Caller, reason: unknown): void => {
    if (dial?.callers.size === 0 && this.pending.has(dial)) {
      this.abort(dial, reason)
    }
  }

  /** A caller without a signal of its own waits for the node's `dialTimeout`, counted from when the dial began */
  #expire (dial: Dialing, caller: Caller): void {
    if (dial.run != null && caller.options.signal == null) {
      caller.expireWith(this.components.clock.setTimeout(() => {
        if (dial.run?.settleForKept() === true) {
          return
        }

        caller.leave(dialTimeoutError(dial.run?.errorSoFar()))
      }, this.#settings.dialTimeout))
    }
  }

  #begin (dial: Dialing): void {
    const { requested: { peerId, multiaddrs }, options } = dial

    if (options.pipeline == null && dial.pipeline.init !== this.pipeline) {
      this.#readmit(dial)
      return
    }

    const existing = this.#existing(peerId, multiaddrs, options)

    if (existing != null) {
      this.#connected(dial, existing)
      return
    }

    this.running.add(dial)
    this.#pendingRuns++
    this.watcher?.active()
    let place = 0
    const closed = dial.begin(this, {
      onConnected: connection => {
        if (place === 0) {
          this.#connected(dial, connection)
        }

        this.#events.onConnected(dial, connection, place++)
      },
      onLookingFurther: () => {
        this.#schedule.release(dial)
        this.attempts.demote(dial)
      },
      onEnded: run => { this.#ended(dial, run) }
    })
    dial.callers.forEach(caller => { this.#expire(dial, caller) })

    // nothing of it rejects, but where the stack is too deep anything throws
    closed.catch(err => { this.abort(dial, toError(err)) }).then(() => {
      this.running.delete(dial)
      this.#checkIdle()
      this.#events.onEnded(dial)
    }).catch(err => { this.log.error('could not tell of the end of a dial - %e', err) })
  }

  /** The pipeline of the node was replaced while the dial waited: its callers are given other dials, each by its own options */
  #readmit (dial: Dialing): void {
    const callers = dial.release()
    this.#forget(dial)

    for (const caller of callers) {
      try {
        const { requested } = caller
        const { pipeline, options, declared } = this.#readDeclared(caller.options)
        const joinKey = joinKeyOf(options, { pipeline: pipeline.id, declared, isOfRelay: false })
        const own = this.#joins.find(requested, joinKey) ?? new Dialing({ id: `${++dials}`, createdAt: dial.createdAt, lineage: dial.lineage, requested, joinKey, options, pipeline })
        this.#add(own, caller)
        this.#raise(own, caller.options.priority ?? own.priority)
        this.#expire(own, caller)
        this.#enqueue(own, false)
      } catch (err) {
        caller.reject(err)
      }
    }
  }

  #connected (dial: Dialing, connection: Connection): void {
    this.#forget(dial, { connection })

    if (dial.connected(connection) === 0) {
      this.attempts.discard(connection, dial)
    }
  }

  /** In one step: nobody can join any more, and every caller is told or has a dial of its own */
  #ended (dial: Dialing, { error, lastLook }: DialRun): void {
    if (error == null) {
      return
    }

    this.queueLog.error('dial to %p failed - %e', dial.requested.peerId, error)
    this.#forget(dial, { error })
    const late = dial.failed(error, lastLook)
    const [first] = late

    if (first != null) {
      const own = dial.again(`${++dials}`, first)
      // the time that a caller has counts from when its dial begins
      late.forEach(caller => {
        caller.expireWith(undefined)
        this.#add(own, caller)
      })
      own.priority = Math.max(...late.map(({ options }) => options.priority ?? own.priority))
      this.#enqueue(own, late.some(({ madeFor }) => madeFor != null))
    }
  }

  /** Nobody can join it any more, and another may run in its place */
  #forget (dial: Dialing, outcome?: DialOutcome): void {
    const wasPending = this.pending.delete(dial)
    this.#pendingRuns -= wasPending && this.running.has(dial) ? 1 : 0
    this.#joins.delete(dial, dial.requested, dial.joinKey)
    this.#schedule.delete(dial)
    this.#checkIdle()

    if (wasPending && outcome != null) {
      this.watcher?.settled(dial, outcome)
    }
  }

  #checkIdle (): void {
    if (this.pending.size === 0 && this.running.size === 0) {
      this.#onIdle.forEach(resolve => { resolve() })
      this.#onIdle.clear()
    }
  }

  /** The connection that the node's connections have converged on, where that makes such a dial unnecessary */
  preferred ({ peerId, multiaddrs }: ParsedTarget, options: DialPipelineOptions): Connection | undefined {
    const preferred = peerId == null ? undefined : this.#events.preferred?.(peerId)

    return preferred != null && this.#existing(peerId, multiaddrs, options) === preferred ? preferred : undefined
  }

  #existing (peerId: PeerId | undefined, multiaddrs: readonly Multiaddr[], { force }: DialPipelineOptions): Connection | undefined {
    return peerId == null || force === true ? undefined : findExisting(this.components.connectionManager.getConnections(peerId), multiaddrs, this.#events.preferred?.(peerId))
  }

  /** A pipeline is made once a node, also one that is passed per dial */
  #make (init: AnyStageInit): Made & { id: number } {
    const known = this.#made.get(init)

    if (known != null) {
      return known
    }

    checkConnects(init)
    const made = { ...make(init, this.components), id: ++this.#pipelines }
    this.#made.set(init, made)

    return made
  }
}

/** Whether an attempt of one dial waits for another */
function isMadeFor ({ callers }: Dialing, dial: Dialing): boolean {
  return [...callers].some(({ madeFor }) => madeFor != null && [...madeFor.dials].includes(dial))
}

/** One priority that is no number would stop the queue for all who wait in it */
function checkPriority (priority: unknown): void {
  if (priority != null && (typeof priority !== 'number' || Number.isNaN(priority))) {
    throw new InvalidParametersError(`Cannot dial with the priority ${describeValue(priority)}: a priority is a number`)
  }
}

/** As libp2p's own, with what the addresses have failed with until then */
function dialTimeoutError (cause: Error | undefined): Error {
  const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError')

  return cause == null ? error : Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
}
