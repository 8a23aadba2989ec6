import { AbortError, DialError } from '@libp2p/interface'
import { toError } from '../pipeline/errors.ts'
import { safeLog } from '../pipeline/safe-log.ts'
import { abortReasonOf } from './dials/dial-error.ts'
import { admit, dialAgain, readmit } from './dials/admission.ts'
import { Attempts } from './attempts/attempts.ts'
import { DialRegister } from './dials/dial-register.ts'
import { findConnection } from './dials/open-connections.ts'
import { Pipelines } from './dials/pipelines.ts'
import { Policies } from './dials/policies.ts'
import { Slots } from './attempts/slots.ts'
import type { AdmittingEngine } from './dials/admission.ts'
import type { DialBarrier } from './dials/dial-barrier.ts'
import type { PendingDial } from './dials/pending-dial.ts'
import type { NodeSettings } from './dials/dial-node.ts'
import type { SlotsInit } from './attempts/slots.ts'
import type { Observing } from '../metrics/observer.ts'
import type { DialTarget } from './dials/target.ts'
import type { DialComponents, DialPipeline, DialPipelineOptions } from '../pipeline/types.ts'
import type { Connection, Logger } from '@libp2p/interface'

/** The log of libp2p's own dialer, because libp2p's documentation tells users to look there */
const QUEUE_LOG = 'libp2p:connection-manager:dial-queue'

const MAX_DEPTH = 100

export interface EngineInit {
  readonly slots?: SlotsInit
  readonly traces?: number
  readonly observer?: Observing
  /** Called when the node starts, possibly more than once */
  readonly onStart?: () => void
  /** Called when the node stops, possibly more than once */
  readonly onStop?: () => void
}

/** The dials of a node: joins callers to dials, runs the dials, and settles the callers */
export class DialEngine implements AdmittingEngine {
  readonly components: DialComponents
  readonly attempts: Attempts
  readonly log: Logger
  readonly queueLog: Logger
  readonly dials: DialRegister
  /** Delays dials until the node's persisted records are read. Undefined: dials start at once */
  barrier?: DialBarrier
  readonly pipelines: Pipelines
  readonly policies = new Policies()
  readonly settings: NodeSettings
  readonly observer: Observing
  readonly #init: EngineInit
  #isStopped = false
  #depth = 0

  constructor (components: DialComponents, settings: NodeSettings, pipeline: DialPipeline, init: EngineInit = {}) {
    const { slots, traces, observer = () => undefined } = init
    this.components = components
    this.queueLog = safeLog(components.logger, QUEUE_LOG)
    this.pipelines = new Pipelines(components, pipeline, this.policies.keys)
    this.observer = observer
    const attemptSlots = new Slots(slots, settings.maxParallelDials, components.clock, () => { this.dials.lingering.end() })
    this.attempts = new Attempts(components, attemptSlots, this.queueLog, policy => this.policies.keyOf(policy), this.observer)
    this.log = safeLog(components.logger, 'libp2p:dial-pipeline')
    this.settings = settings
    this.#init = init
    this.dials = new DialRegister(settings.maxParallelDials, this.attempts, dial => { this.#tryBegin(dial) }, traces)
  }

  start (): void {
    this.#isStopped = false
    this.#init.onStart?.()
  }

  /** Ends every running and queued dial. May be called again. `start()` allows dials again */
  stop (): void {
    this.#isStopped = true
    const reason = new AbortError('The dialer was stopped')
    const dials = new Set([...this.dials.pending, ...this.dials.running])

    // the schedule is cleared first: the end of each dial would otherwise start the next queued one
    this.dials.schedule.clear()
    dials.forEach(dial => { dial.end(reason) })
    dials.forEach(dial => { this.dials.settled(dial, { error: reason }) })
    this.#init.onStop?.()
  }

  set maxParallelDials (maxParallelDials: number) {
    this.dials.max = maxParallelDials
    this.attempts.slots.maxParallelDials = maxParallelDials
  }

  /** Ends one dial. Its callers reject with the reason */
  abort (dial: PendingDial, reason: unknown): void {
    const error = abortReasonOf(reason)

    // removed from the joins first, or a caller that dials in an abort listener would join the ended dial
    this.dials.settled(dial, { error })
    dial.end(error)
  }

  // neither this method nor its callees are async: each pending promise would take half as much memory as the rest of a queued dial
  dial (target: DialTarget, callerOptions: DialPipelineOptions = {}): Promise<Connection> {
    try {
      if (this.#isStopped) {
        throw new AbortError('The dialer is stopped')
      }

      return this.guard(() => admit(this, target, callerOptions))
    } catch (err) {
      return Promise.reject(err)
    }
  }

  /**
   * Calls a function in which progress listeners may dial again. Limits the depth of such calls: a stack overflow may throw anywhere, also
   * where an error handler is attached
   *
   * @throws DialError when 100 calls are on the stack
   */
  guard<T> (fn: () => T): T {
    if (this.#depth >= MAX_DEPTH) {
      throw new DialError('Cannot dial: a progress listener dials again for each event of its own dials')
    }

    this.#depth++

    try {
      return fn()
    } finally {
      this.#depth--
    }
  }

  /** Ends the dial when its last caller has left, with that caller's reason */
  onLeave ({ dial }: { readonly dial?: PendingDial }, reason: unknown): void {
    if (dial?.callers.size === 0 && this.dials.pending.has(dial)) {
      this.abort(dial, reason)
    }
  }

  /** Begins a queued dial. An error ends this dial: another one, whose end has made room, must not get it */
  #tryBegin (dial: PendingDial): void {
    try {
      this.#begin(dial)
    } catch (err) {
      this.abort(dial, toError(err))
    }
  }

  #begin (dial: PendingDial): void {
    // a queued dial moves to the current pipeline. A nested dial keeps its own: it inherited its filters and an attempt waits for it
    if (dial.options.pipeline == null && dial.pipeline !== this.pipelines.current && !dial.isNested) {
      readmit(this, dial)
      return
    }

    const existing = findConnection(this.components, { peerId: dial.requested.peerId, multiaddrs: dial.multiaddrs }, dial.options, dial.isNested)

    if (existing != null) {
      this.#resolve(dial, existing)
      return
    }

    this.dials.began(dial)

    // a listener of the queue has ended the dial
    if (!this.dials.pending.has(dial)) {
      this.dials.ended(dial)
      return
    }

    this.observer()?.dialStarted?.(dial)
    const closed = dial.begin(this)
    this.dials.shareAddresses(dial)
    dial.callers.forEach(caller => { caller.startTimeout() })

    // the run rejects only when the call stack overflows
    closed.catch(err => { this.abort(dial, toError(err)) }).then(() => {
      this.dials.ended(dial)
      this.observer()?.dialEnded?.(dial)
    }).catch(err => { this.log.error('could not report the end of a dial - %e', err) })
  }

  onConnected (dial: PendingDial, connection: Connection, previous: Connection | undefined, isOwn: boolean): void {
    if (previous == null) {
      this.observer()?.dialConnected?.(dial, connection, this.components.clock.now())

      if (!this.#resolve(dial, connection) && isOwn) {
        this.attempts.discard(connection, dial)
      }
    }

    this.components.convergence?.accepted?.(connection)

    if (previous != null) {
      this.observer()?.connectionAdded?.({ peerId: connection.remotePeer, connection, previous })
    }
  }

  /** Wakes the running dials of a peer that has connected to this node, so that they find its connection */
  onOpened ({ remotePeer, direction }: Connection): void {
    for (const { requested, run } of direction === 'inbound' ? this.dials.running : []) {
      if (requested.peerId?.equals(remotePeer) === true) {
        run?.target.wake.notify()
      }
    }
  }

  mayLinger (dial: PendingDial): boolean {
    // a lingering dial delays no first attempt of another dial
    dial.isDemoted = this.dials.lingering.add(dial)

    return dial.isDemoted
  }

  onLookingFurther (dial: PendingDial): void {
    // attempts in flight keep their slots, so another dial could not use the turn
    if (dial.attempts.size > 0 && !dial.isDemoted) {
      return
    }

    this.dials.schedule.release(dial)
    // the dial has given its turn away, so its attempts delay no first attempt of another dial
    dial.isDemoted = true
  }

  /** Resolves the callers of a dial. Returns whether there were any: a listener may have ended the dial */
  #resolve (dial: PendingDial, connection: Connection): boolean {
    this.dials.settled(dial, { connection })
    const callers = dial.take()
    callers.forEach(caller => { caller.resolve(connection) })

    return callers.length > 0
  }

  /** Ends a dial in one synchronous step: no caller can join any more, and every caller is settled or moved to a new dial */
  onEnded (dial: PendingDial): void {
    const error = dial.run?.error

    // only a demoted dial lingers
    if (dial.isDemoted) {
      this.dials.lingering.delete(dial)
    }

    if (error != null) {
      this.queueLog.error('dial to %p failed - %e', dial.requested.peerId, error)
      this.dials.settled(dial, { error })
      dialAgain(this, dial, dial.failed(error))
    }
  }
}
