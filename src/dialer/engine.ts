import { AbortError } from '@libp2p/interface'
import { toError } from '../pipeline/errors.ts'
import { safeLog } from '../pipeline/safe-log.ts'
import { abortReasonOf } from './dials/dial-error.ts'
import { Admission } from './dials/admission.ts'
import { Attempts } from './attempts/attempts.ts'
import { DialBarrier } from './dials/dial-barrier.ts'
import { deadlineOf } from './dials/dial-deadline.ts'
import { DialRegister } from './dials/dial-register.ts'
import { OpenConnections } from './dials/existing.ts'
import { Pipelines } from './dials/pipelines.ts'
import { Policies } from './dials/policies.ts'
import { Slots } from './attempts/slots.ts'
import { StackGuard } from './dials/caller.ts'
import type { AdmittingEngine } from './dials/admission.ts'
import type { Caller } from './dials/caller.ts'
import type { Dialing } from './dials/dialing.ts'
import type { DialNode } from './dials/running-dial.ts'
import type { SlotsInit } from './attempts/slots.ts'
import type { NodeSettings } from './node-settings.ts'
import type { Observing } from '../metrics/observer.ts'
import type { DialTarget } from './dials/target.ts'
import type { DialComponents, DialPipeline, DialPipelineOptions } from '../pipeline/types.ts'
import type { Connection, Logger, PeerId } from '@libp2p/interface'

/** As libp2p's own dialer logs: its documentation tells users to look there */
export const QUEUE_LOG = 'libp2p:connection-manager:dial-queue'

/** What the engine tells whoever listens */
export interface EngineEvents {
  /** A dial has yielded a connection; `previous` is the one that it had yielded before */
  onConnected: (dial: Dialing, connection: Connection, previous: Connection | undefined) => void
  /** The connection to a peer that new streams take; undefined: any */
  preferred?: (peerId: PeerId) => Connection | undefined
  onEnded: (dial: Dialing) => void
  observer?: Observing
  /** The node starts; may be called again */
  onStart?: () => void
  /** The node stops; may be called again */
  onStop?: () => void
}

/** The dials of a node: who joins whom, who runs, who is told */
export class Engine implements DialNode, AdmittingEngine {
  readonly components: DialComponents
  readonly attempts: Attempts
  readonly log: Logger
  readonly queueLog: Logger
  readonly dials: DialRegister
  /** Progress listeners are called before a dial returns, and may dial */
  readonly stack = new StackGuard()
  readonly barrier = new DialBarrier()
  readonly pipelines: Pipelines
  readonly admission: Admission
  readonly connections: OpenConnections
  readonly policies = new Policies()
  readonly settings: NodeSettings
  readonly observer: Observing
  readonly #slots: Slots
  readonly #events: EngineEvents
  #isStopped = false

  constructor (components: DialComponents, settings: NodeSettings, pipeline: DialPipeline, slots: SlotsInit, events: EngineEvents) {
    this.components = components
    this.queueLog = safeLog(components.logger, QUEUE_LOG)
    this.pipelines = new Pipelines(components, pipeline, this.policies.keys)
    this.connections = new OpenConnections(components, events.preferred)
    this.#slots = new Slots(slots, settings.maxParallelDials, components.clock, () => { this.dials.lingering.end() })
    this.observer = events.observer ?? (() => undefined)
    this.attempts = new Attempts(components, this.#slots, this.queueLog, policy => this.policies.keyOf(policy), this.observer)
    this.log = safeLog(components.logger, 'libp2p:dial-pipeline')
    this.settings = settings
    this.#events = events
    this.dials = new DialRegister(settings.maxParallelDials, this.attempts, dial => { this.#begin(dial) })
    this.admission = new Admission(this)
  }

  start (): void {
    this.#isStopped = false
    this.#events.onStart?.()
  }

  /** Ends every dial, also those that wait. May be called again, and started again */
  stop (): void {
    this.#isStopped = true
    const reason = new AbortError('The dialer was stopped')
    const dials = new Set([...this.dials.pending, ...this.dials.running])

    // or each that is forgotten would make place for the next
    this.dials.schedule.clear()
    dials.forEach(dial => { dial.end(reason) })
    dials.forEach(dial => { this.dials.settled(dial, { error: reason }) })
    this.#events.onStop?.()
  }

  /** How many dials run at once from now on */
  set maxParallelDials (maxParallelDials: number) {
    this.dials.max = maxParallelDials
    this.#slots.maxParallelDials = maxParallelDials
  }

  /** Ends one dial: whoever waits for it is told the reason */
  abort (dial: Dialing, reason: unknown): void {
    const error = abortReasonOf(reason)

    // first, or who dials in a listener for the abort would join it
    this.dials.settled(dial, { error })
    dial.end(error)
  }

  // neither async, nor what it calls: a promise on the way is as large as half of all else that a waiting dial takes
  dial (target: DialTarget, given: DialPipelineOptions = {}): Promise<Connection> {
    try {
      if (this.#isStopped) {
        throw new AbortError('The dialer is stopped')
      }

      return this.stack.run(() => this.admission.admit(target, given))
    } catch (err) {
      return Promise.reject(err)
    }
  }

  /** When the last caller is gone, the dial ends for the same reason */
  onLeave ({ dial }: Caller, reason: unknown): void {
    if (dial?.callers.size === 0 && this.dials.isPending(dial)) {
      this.abort(dial, reason)
    }
  }

  /** A caller without a signal of its own waits for the node's `dialTimeout`, counted from the first slot of the dial */
  expire (dial: Dialing, caller: Caller): void {
    const { run } = dial
    const { components: { clock }, settings: { dialTimeout } } = this

    if (run == null || caller.options.signal != null) {
      return
    }

    const since = clock.now()
    const wait = (ms: number): void => { caller.expireWith(clock.setTimeout(check, ms)) }
    const check = (): void => {
      const left = deadlineOf(dial, run.startedAt, since, dialTimeout) - clock.now()

      // a slot that comes meanwhile begins a time no shorter
      if (left > 0) {
        wait(Math.min(left, dialTimeout))
      } else if (!run.settleForKept()) {
        caller.leave(run.timeoutError())
      }
    }

    wait(dialTimeout)
  }

  #begin (dial: Dialing): void {
    // an attempt waits for a dial that is made for it, and has handed on its filters
    if (dial.options.pipeline == null && dial.pipeline !== this.pipelines.current && !dial.isNested) {
      this.admission.readmit(dial)
      return
    }

    const existing = this.connections.find({ peerId: dial.requested.peerId, multiaddrs: dial.multiaddrs }, dial.options, dial.isNested)

    if (existing != null) {
      this.#connected(dial, existing)
      return
    }

    this.dials.began(dial)

    // whoever listens to the queue has ended it
    if (!this.dials.pending.has(dial)) {
      this.dials.ended(dial)
      return
    }

    this.observer()?.dialStarted?.(dial)
    const closed = dial.begin(this)
    dial.callers.forEach(caller => { this.expire(dial, caller) })

    // nothing of it rejects, but where the stack is too deep anything throws
    closed.catch(err => { this.abort(dial, toError(err)) }).then(() => {
      this.dials.ended(dial)
      this.#events.onEnded(dial)
      this.observer()?.dialEnded?.(dial)
    }).catch(err => { this.log.error('could not tell of the end of a dial - %e', err) })
  }

  onConnected (dial: Dialing, connection: Connection, previous: Connection | undefined): void {
    if (previous == null) {
      this.observer()?.dialConnected?.(dial, connection, this.components.clock.now())
      this.#connected(dial, connection)
    }

    this.#events.onConnected(dial, connection, previous)
  }

  /** Where a peer has connected, dials of it that only wait look again */
  onOpened ({ remotePeer, direction }: Connection): void {
    for (const { requested, run } of direction === 'inbound' ? this.dials.running : []) {
      if (requested.peerId?.equals(remotePeer) === true) {
        run?.target.wake.notify()
      }
    }
  }

  mayLinger (dial: Dialing): boolean {
    // what it dials from now on keeps no first attempt of another dial waiting
    dial.isDemoted = this.dials.lingering.add(dial)

    return dial.isDemoted
  }

  onLookingFurther (dial: Dialing): void {
    // another would find the slots taken
    if (dial.attempts.size > 0 && !dial.isDemoted) {
      return
    }

    this.dials.schedule.release(dial)
    // what it dials from now on keeps no first attempt of another dial waiting
    dial.isDemoted = true
  }

  #connected (dial: Dialing, connection: Connection): void {
    this.dials.settled(dial, { connection })
    const callers = dial.take()
    callers.forEach(caller => { caller.resolve(connection) })

    if (callers.length === 0) {
      this.attempts.discard(connection, dial)
    }
  }

  /** In one step: nobody can join any more, and every caller is told or has a dial of its own */
  onEnded (dial: Dialing): void {
    const error = dial.run?.error
    this.dials.lingering.delete(dial)

    if (error == null) {
      return
    }

    this.queueLog.error('dial to %p failed - %e', dial.requested.peerId, error)
    this.dials.settled(dial, { error })
    this.admission.dialAgain(dial, dial.failed(error))
  }
}
