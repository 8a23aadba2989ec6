import { InvalidParametersError } from '@libp2p/interface'
import { failureOf, isAnswer } from '../../pipeline/failure.ts'
import { checkValue } from '../../pipeline/check-options.ts'
import { toError } from '../../pipeline/errors.ts'
import { callGuarded } from '../../pipeline/foreign-promises.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import { formatAddresses } from '../../pipeline/safe-text.ts'
import { count } from '../../trace/outcome.ts'
import { DialEvents } from './dial-events.ts'
import type { DialerComponents } from '../dialer-init.ts'
import type { EventsTarget } from './dial-events.ts'
import type { AttemptEnd, DialObserver, ObservedAttempt, ObservedDial, Observing } from '../../metrics/observer.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { OptionKind } from '../../pipeline/option-kinds.ts'
import type { ComponentLogger, Connection, Logger } from '@libp2p/interface'
import type { EventHandler } from 'main-event'

/** Logs the steps of each dial as `libp2p:dial-pipeline:dial`. Dropped addresses, found addresses and the race order are logged by the stages */
class DialLog implements DialObserver {
  readonly log: Logger
  readonly #clock: Clock

  constructor (logger: ComponentLogger, clock: Clock) {
    this.log = safeLog(logger, 'libp2p:dial-pipeline:dial')
    this.#clock = clock
  }

  dialStarted ({ id, requested: { peer }, multiaddrs, pipeline }: ObservedDial): void {
    if (this.log.enabled) {
      this.log('dial %s begins: peer %s, pipeline %s, %s%s', id, peer ?? 'unknown', pipeline.name, count(multiaddrs.length, 'address', 'es'), multiaddrs.length === 0 ? '' : `: ${formatAddresses(multiaddrs.map(String))}`)
    }
  }

  dialConnected ({ id, run }: ObservedDial, { remotePeer, remoteAddr }: Connection, at: number): void {
    if (this.log.enabled) {
      this.log('dial %s connected to %p over %a, %d ms after it began', id, remotePeer, remoteAddr, Math.round(at - (run?.startedAt ?? at)))
    }
  }

  dialEnded (dial: ObservedDial): void {
    const { id, run } = dial

    if (this.log.enabled && run != null) {
      const ms = Math.round((run.endedAt ?? this.#clock.now()) - run.startedAt)

      if (run.error == null) {
        this.log('dial %s ended after %d ms, connected over %s', id, ms, String(run.connection?.remoteAddr))
      } else {
        const { awaited } = dial.trace
        this.log('dial %s %s after %d ms%s - %e', id, run.isAborted === true ? 'was ended' : 'failed', ms, awaited.length === 0 ? '' : `, still waiting for ${awaited.join(', ')}`, run.error)
      }
    }
  }

  attemptStarted ({ candidate, dials }: ObservedAttempt, at: number): void {
    if (this.log.enabled) {
      const all = [...dials]
      this.log('dial %s tries %s, %d ms after it began', all.map(({ id }) => id).join(', '), formatAddresses([candidate.id]), Math.round(at - (all[0]?.startedAt ?? at)))
    }
  }

  attemptEnded ({ candidate: { id } }: ObservedAttempt, end: AttemptEnd): void {
    if (this.log.enabled) {
      const { outcome, startedAt, endedAt, error } = end
      const ms = Math.round(endedAt - startedAt)

      if (error == null) {
        this.log('%s %s after %d ms%s', formatAddresses([id]), outcome, ms, responseIn(end))
      } else {
        this.log('%s %s after %d ms%s - %e', formatAddresses([id]), outcome, ms, responseIn(end), error)
      }
    }
  }
}

/** Returns in words whether the remote has answered, and when. Empty when the error does not tell */
function responseIn ({ startedAt, firstResponseAt, endedAt, error }: AttemptEnd): string {
  if (firstResponseAt != null) {
    return `: first heard of after ${Math.round(firstResponseAt - startedAt)} ms`
  }

  const failure = error == null ? 'silent' : failureOf(error, endedAt - startedAt, false)

  return failure === 'silent' ? ': nothing was heard' : isAnswer(failure) ? ': the remote answered' : ''
}

const LISTENER: OptionKind = {
  expected: 'a function or an object with handleEvent() as listener',
  test: value => typeof value === 'function' || typeof (value as Partial<EventListenerObject> | null)?.handleEvent === 'function'
}

/** Wraps the listeners of a dialer, and logs what they throw or reject with. Node.js would end the process otherwise */
class GuardedListeners {
  readonly #guarded = new WeakMap<object, (event: any) => void>()
  readonly #onError: (err: unknown) => void

  constructor (onError: (err: unknown) => void) {
    this.#onError = onError
  }

  /**
   * Returns the wrapper of a listener: always the same function, so that it can be removed
   *
   * @throws InvalidParametersError for a value that is no listener
   */
  of<E extends Event> (listener: EventHandler<E> | null): EventHandler<E> {
    // main-event would call null, where an EventTarget ignores it
    if (listener == null) {
      return ignore
    }

    checkValue('The dialer', listener, LISTENER, InvalidParametersError)

    const guarded = this.#guarded.get(listener) ?? ((event: E): void => { callGuarded(() => typeof listener === 'function' ? listener.call(event.currentTarget, event) : listener.handleEvent(event), this.#onError) })
    this.#guarded.set(listener, guarded)
    // main-event removes a listener with `once` by its wrapper, so the wrapper stands for itself too
    this.#guarded.set(guarded, guarded)

    return guarded
  }
}

/** Passes the steps of dials to all observers. An observer that throws harms neither the dial nor other observers */
export class DialObservers {
  /** Whether the node has metrics, or a listener was ever added */
  isWatched = false
  readonly events: DialEvents
  readonly listeners: GuardedListeners
  readonly all: Required<DialObserver> = {
    dialStarted: (...args) => { this.#notify('dialStarted', args) },
    dialConnected: (...args) => { this.#notify('dialConnected', args) },
    dialEnded: (...args) => { this.#notify('dialEnded', args) },
    attemptStarted: (...args) => { this.#notify('attemptStarted', args) },
    attemptEnded: (...args) => { this.#notify('attemptEnded', args) },
    addressDropped: (...args) => { this.#notify('addressDropped', args) },
    preferredChanged: (...args) => { this.#notify('preferredChanged', args) },
    connectionAdded: (...args) => { this.#notify('connectionAdded', args) }
  }

  readonly #dialLog: DialLog
  readonly #observers: DialObserver[]
  readonly #log: Logger

  constructor (target: EventsTarget, { logger, peerId }: Pick<DialerComponents, 'logger' | 'peerId'>, clock: Clock) {
    this.#log = safeLog(logger, 'libp2p:dial-pipeline')
    this.#dialLog = new DialLog(logger, clock)
    this.events = new DialEvents(target, peerId.toString(), clock)
    this.listeners = new GuardedListeners(err => { this.#log.error('a listener of the dialer failed - %e', toError(err)) })
    this.#observers = [this.#dialLog, this.events]
  }

  add (observer: DialObserver): void {
    this.isWatched = true
    this.#observers.push(observer)
  }

  /** Undefined when no listener, log or channel observes dials. Read at each step of each dial */
  readonly active: Observing = () =>
    this.isWatched || this.#dialLog.log.enabled || this.events.channels.some(({ hasSubscribers }) => hasSubscribers) ? this.all : undefined

  #notify (step: keyof DialObserver, args: unknown[]): void {
    for (const observer of this.#observers) {
      try {
        Reflect.apply(observer[step] ?? ignore, observer, args)
      } catch (err) {
        this.#log.error('an observer of dials failed - %e', toError(err))
      }
    }
  }
}

function ignore (): void {}
