import { systemClock } from '../../pipeline/clock.ts'
import { toError } from '../../pipeline/errors.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import { DialEvents } from './dial-events.ts'
import { DialLog } from './dial-log.ts'
import { GuardedListeners } from './guarded-listeners.ts'
import type { DialerComponents } from '../dialer-init.ts'
import type { EventsTarget } from './dial-events.ts'
import type { AttemptEnd, DialObserver, ObservedAttempt, ObservedDial } from '../../metrics/observer.ts'
import type { DialMetrics } from '../../metrics/dial-metrics.ts'
import type { ConnectionChange } from '../../pipeline/convergence.ts'
import type { Drop } from '../../pipeline/runtime/story.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { Candidate } from '../../pipeline/types.ts'
import type { Connection, Logger } from '@libp2p/interface'

/** Passes the steps of dials to all observers. An observer that throws harms neither the dial nor other observers */
export class DialObservers implements DialObserver {
  /** Whether the node has metrics, or a listener was ever added */
  isWatched = false
  /** The log of each dial's steps */
  readonly log: Logger
  readonly events: DialEvents
  readonly listeners: GuardedListeners
  #observers: readonly DialObserver[]
  #metrics?: DialMetrics
  readonly #log: Logger

  constructor (target: EventsTarget, { logger, peerId }: Pick<DialerComponents, 'logger' | 'peerId'>, clock: Clock = systemClock) {
    const log = safeLog(logger, 'libp2p:dial-pipeline')
    const dialLog = new DialLog(logger, clock)
    this.#log = log
    this.log = dialLog.log
    this.events = new DialEvents(target, peerId.toString(), clock)
    this.listeners = new GuardedListeners(err => { log.error('a listener of the dialer failed - %e', toError(err)) })
    this.#observers = [dialLog, this.events]
  }

  /** Undefined when the node has no metrics */
  set metrics (metrics: DialMetrics | undefined) {
    if (metrics != null) {
      this.isWatched = true
      this.#metrics = metrics
      this.#observers = [...this.#observers, metrics]
    }
  }

  preferredChanged (change: ConnectionChange): void {
    this.#guard(() => { this.#metrics?.preferredChanged() })
    this.events.dispatch('connection:preferred', change)
  }

  connectionAdded (change: ConnectionChange): void {
    this.#guard(() => { this.#metrics?.connectionAdded() })
    this.events.dispatch('connection:additional', change)
  }

  dialStarted (dial: ObservedDial): void {
    this.#notify(one => { one.dialStarted?.(dial) })
  }

  dialConnected (dial: ObservedDial, connection: Connection, at: number): void {
    this.#notify(one => { one.dialConnected?.(dial, connection, at) })
  }

  dialEnded (dial: ObservedDial): void {
    this.#notify(one => { one.dialEnded?.(dial) })
  }

  attemptStarted (attempt: ObservedAttempt, at: number): void {
    this.#notify(one => { one.attemptStarted?.(attempt, at) })
  }

  attemptEnded (attempt: ObservedAttempt, end: AttemptEnd): void {
    this.#notify(one => { one.attemptEnded?.(attempt, end) })
  }

  addressDropped (dial: ObservedDial, candidate: Candidate, drop: Drop & { readonly stage: string }): void {
    this.#notify(one => { one.addressDropped?.(dial, candidate, drop) })
  }

  #notify (notify: (observer: DialObserver) => void): void {
    for (const observer of this.#observers) {
      this.#guard(() => { notify(observer) })
    }
  }

  #guard (fn: () => void): void {
    try {
      fn()
    } catch (err) {
      this.#log.error('an observer of dials failed - %e', toError(err))
    }
  }
}
