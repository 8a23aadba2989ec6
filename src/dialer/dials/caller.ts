import { DialError, InvalidParametersError } from '@libp2p/interface'
import { checkValue } from '../../pipeline/check-options.ts'
import { describeValue } from '../../pipeline/describe-value.ts'
import { toError } from '../../pipeline/errors.ts'
import { catchRejection } from '../../pipeline/foreign-promises.ts'
import { FUNCTION, SIGNAL } from '../../pipeline/option-kinds.ts'
import { abortReasonOf } from './dial-error.ts'
import type { Connection, Logger } from '@libp2p/interface'
import type { Clock } from '../../pipeline/clock.ts'
import type { DialPipelineOptions } from '../../pipeline/types.ts'
import type { DialBarrier } from './dial-barrier.ts'
import type { OuterAttempt } from '../attempts/nested.ts'
import type { ParsedTarget } from './target.ts'
import type { CallerStory } from '../../trace/record.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface CallerInit {
  requested: ParsedTarget
  options: DialPipelineOptions
  /** The attempt whose transport asks; undefined: the application does */
  madeFor?: OuterAttempt
}

/** The parts of a node that its callers share */
export interface CallerHost {
  readonly log: Logger
  readonly components: { readonly clock: Pick<Clock, 'now'> }
  /** Says why whoever leaves has waited in vain, where it was before a dial */
  readonly barrier: Pick<DialBarrier, 'explain'>
  /** Its own signal or timeout has ended its wait */
  onLeave (caller: Caller, reason: unknown): void
}

/** The dial that a caller waits for */
export interface AwaitedDial {
  readonly callers: Set<Caller>
  /** A caller was told */
  callerSettled (story: CallerStory): void
}

/** One who waits for a dial. Its signal and its timeout are its own: when it leaves, the others stay */
export class Caller {
  readonly promise: Promise<Connection>
  /** What a dial has yet to try for it */
  requested: ParsedTarget
  readonly options: DialPipelineOptions
  readonly madeFor?: OuterAttempt
  /** The revision of the dial's target that has its addresses: a race that ends on an earlier one has not seen them */
  revision = 0
  /** What it waits for */
  dial?: AwaitedDial
  readonly at: number
  readonly #host: CallerHost
  readonly #resolve: (connection: Connection) => void
  readonly #reject: (error: unknown) => void
  #cancelTimeout?: () => void
  #isSettled = false

  constructor ({ requested, options, madeFor }: CallerInit, host: CallerHost) {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>()
    this.requested = requested
    this.options = options
    this.madeFor = madeFor
    this.at = host.components.clock.now()
    this.#host = host
    this.promise = promise
    this.#resolve = resolve
    this.#reject = reject

    // a closure is three times as large, and 20,000 callers may wait
    options.signal?.addEventListener('abort', this, { once: true })
  }

  /** Its signal has aborted */
  handleEvent (): void {
    this.leave(this.options.signal?.reason)
  }

  get isSettled (): boolean {
    return this.#isSettled
  }

  /** The dial goes on for the others */
  leave (reason: unknown): void {
    const error = this.#host.barrier.explain(abortReasonOf(reason))
    this.dial?.callers.delete(this)
    this.reject(error, this.options.signal?.aborted)
    this.#host.onLeave(this, error)
  }

  /** Replaces the timeout that ends the wait of a caller without a signal; undefined: removes it */
  expireWith (cancelTimeout: (() => void) | undefined): void {
    this.#cancelTimeout?.()
    this.#cancelTimeout = cancelTimeout
  }

  get isListening (): boolean {
    return this.options.onProgress != null
  }

  progress (event: any): void {
    reportProgress(this.options, event, this.#host.log)
  }

  resolve (connection: Connection): void {
    this.#settle(connection.remoteAddr)
    this.#resolve(connection)
  }

  /** @param hasLeft something outside the dial has ended the wait */
  reject (error: unknown, hasLeft?: boolean): void {
    this.#settle(undefined, error, hasLeft)
    this.#reject(error)
  }

  /** A caller that waits, as far as it goes */
  get story (): CallerStory {
    return { at: this.at, multiaddrs: this.requested.multiaddrs }
  }

  #settle (connectedAt: Multiaddr | undefined, error?: unknown, hasLeft?: boolean): void {
    if (!this.#isSettled) {
      this.dial?.callerSettled({ at: this.at, multiaddrs: this.requested.multiaddrs, endedAt: this.#host.components.clock.now(), connectedAt, error, hasLeft })
    }

    this.#isSettled = true
    this.#cancelTimeout?.()
    this.options.signal?.removeEventListener('abort', this)
  }
}

const LISTENERS = Object.entries({ signal: SIGNAL, onProgress: FUNCTION })

/**
 * Checks what a dial listens to, and what listens to the dial. libp2p calls both without looking, and fails in its own words
 *
 * @throws InvalidParametersError for a signal that is none, and a listener that is no function
 */
export function checkListeners (options: DialPipelineOptions): void {
  for (const [name, kind] of LISTENERS) {
    const value: unknown = Reflect.get(options, name)

    if (value != null) {
      checkValue(`The dial option "${name}"`, value, kind, InvalidParametersError)
    }
  }
}

/**
 * Checks the priority of a dial: one that is no number would stop the queue for all who wait in it
 *
 * @throws InvalidParametersError
 */
export function checkPriority (priority: unknown): void {
  if (priority != null && (typeof priority !== 'number' || Number.isNaN(priority))) {
    throw new InvalidParametersError(`Cannot dial with the priority ${describeValue(priority)}: a priority is a number`)
  }
}

/** Passes an event to a caller's listener. What the listener throws, or rejects with, is logged and harms no dial */
export function reportProgress ({ onProgress }: { onProgress?: (event: any) => unknown }, event: unknown, log: Logger): void {
  const onError = (err: unknown): void => { log.error('a progress listener failed - %e', toError(err)) }

  try {
    catchRejection(onProgress?.(event), onError)
  } catch (err) {
    // a stack that is too deep is a fault of the dialer, which the next level must not take for handled
    if (isStackOverflow(err)) {
      throw err
    }

    onError(err)
  }
}

function isStackOverflow (err: unknown): boolean {
  return err instanceof RangeError && err.message.includes('call stack')
}

const MAX_DEPTH = 100

/** Limits how deep calls may stand in one another: a stack that overflows throws anywhere, also where a handler is attached */
export class StackGuard {
  #depth = 0

  /** @throws DialError where 100 calls are on the stack */
  run<T> (fn: () => T): T {
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
}
