import { InvalidParametersError } from '@libp2p/interface'
import { checkValue } from '../../pipeline/check-options.ts'
import { toError } from '../../pipeline/errors.ts'
import { catchRejection } from '../../pipeline/foreign-promises.ts'
import { FUNCTION, NUMBER, SIGNAL } from '../../pipeline/option-kinds.ts'
import { abortReasonOf } from './dial-error.ts'
import type { Connection, Logger } from '@libp2p/interface'
import type { DialPipelineOptions } from '../../pipeline/types.ts'
import type { DialNode } from './dial-node.ts'
import type { OuterAttempt } from '../attempts/nested.ts'
import type { ParsedTarget } from './target.ts'
import type { CallerStory } from '../../trace/record.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The dial that a caller waits for */
export interface AwaitedDial {
  readonly callers: Set<Caller>
  readonly run?: {
    readonly startedAt: number
    answerProvisionally (): boolean
    timeoutError (): Error
  }
  readonly slotAt?: number
  readonly isWaitingForSlot: boolean
  callerSettled (story: CallerStory): void
}

/** A caller of a dial, with its own signal and timeout. The other callers stay when this one leaves */
export class Caller {
  readonly promise: Promise<Connection>
  /** The target. After the dial was repeated for this caller: only the addresses that were left to try */
  requested: ParsedTarget
  readonly options: DialPipelineOptions
  /** The attempt whose transport asks for the dial. Undefined for the application */
  readonly madeFor?: OuterAttempt
  /** The version of the dial's target that includes this caller's addresses. A race that ended on an earlier one has not seen them */
  revision = 0
  dial?: AwaitedDial
  isSettled = false
  readonly at: number
  readonly #host: DialNode
  readonly #resolve: (connection: Connection) => void
  readonly #reject: (error: unknown) => void
  #cancelTimeout?: () => void

  constructor ({ requested, options, madeFor }: Pick<Caller, 'requested' | 'options' | 'madeFor'>, host: DialNode) {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>()
    this.requested = requested
    this.options = options
    this.madeFor = madeFor
    this.at = host.components.clock.now()
    this.#host = host
    this.promise = promise
    this.#resolve = resolve
    this.#reject = reject

    // an object instead of a closure, which is three times as large: 20,000 callers may wait
    options.signal?.addEventListener('abort', this, { once: true })
  }

  /** Called when the caller's signal aborts */
  handleEvent (): void {
    this.leave(this.options.signal?.reason)
  }

  /** Ends the wait of this caller. The dial goes on for the others */
  leave (reason: unknown): void {
    const given = abortReasonOf(reason)
    const error = this.#host.barrier?.explain(given) ?? given
    this.dial?.callers.delete(this)
    this.reject(error, this.options.signal?.aborted)
    this.#host.onLeave(this, error)
  }

  /** Starts the timeout of a caller without a signal, if its dial runs */
  startTimeout (): void {
    const { dial, options } = this
    const { components: { clock }, settings: { dialTimeout } } = this.#host
    const run = dial?.run

    if (run == null || options.signal != null) {
      return
    }

    const since = clock.now()
    const check = (): void => {
      const left = deadlineOf(dial as AwaitedDial, run.startedAt, since, dialTimeout) - clock.now()

      // the dial may have taken its first slot since the timer was set, which gives it the whole timeout
      if (left > 0) {
        this.#cancelTimeout = clock.setTimeout(check, Math.min(left, dialTimeout))
      } else if (!run.answerProvisionally()) {
        this.leave(run.timeoutError())
      }
    }

    this.cancelTimeout()
    this.#cancelTimeout = clock.setTimeout(check, dialTimeout)
  }

  cancelTimeout (): void {
    this.#cancelTimeout?.()
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

  /** @param hasLeft whether something outside the dial has ended the wait */
  reject (error: unknown, hasLeft?: boolean): void {
    this.#settle(undefined, error, hasLeft)
    this.#reject(error)
  }

  get story (): CallerStory {
    return { at: this.at, multiaddrs: this.requested.multiaddrs }
  }

  #settle (connectedAt: Multiaddr | undefined, error?: unknown, hasLeft?: boolean): void {
    if (!this.isSettled) {
      this.dial?.callerSettled({ ...this.story, endedAt: this.#host.components.clock.now(), connectedAt, error, hasLeft })
    }

    this.isSettled = true
    this.cancelTimeout()
    this.options.signal?.removeEventListener('abort', this)
  }
}

/** Multiple of the `dialTimeout` after which a dial times out even if its attempts never had a slot */
const MAX_TIMEOUTS = 6

/**
 * Returns the deadline of a caller in milliseconds since the epoch: `timeout` after the dial first had a slot, or after the caller joined,
 * if that is later. While the dial only waits for a slot, the timeout does not run. The deadline is six times `timeout` after
 * the dial's turn at the latest, or `timeout` after the caller joined
 *
 * @param since when the caller joined
 */
function deadlineOf ({ slotAt, isWaitingForSlot }: AwaitedDial, startedAt: number, since: number, timeout: number): number {
  const own = isWaitingForSlot ? Infinity : Math.max(since, slotAt ?? since) + timeout

  return Math.min(own, Math.max(startedAt + MAX_TIMEOUTS * timeout, since + timeout))
}

const CHECKED = Object.entries({ signal: SIGNAL, onProgress: FUNCTION, priority: NUMBER })

/**
 * Checks the options of a caller that libp2p uses unchecked: it would fail with an unclear error, and a priority of NaN would block the
 * queue for all dials
 *
 * @throws InvalidParametersError for a `signal`, `onProgress` or `priority` of another type
 */
export function checkCallerOptions (options: DialPipelineOptions): void {
  for (const [name, kind] of CHECKED) {
    const value: unknown = Reflect.get(options, name)

    // libp2p gives each dial a priority: a finite number, as usual, needs no further check
    if (value != null && !(kind === NUMBER && Number.isFinite(value))) {
      checkValue(`The dial option "${name}"`, value, kind, InvalidParametersError)
    }
  }
}

/** Passes an event to a caller's listener. Logs what the listener throws or rejects with: it harms no dial */
export function reportProgress ({ onProgress }: { onProgress?: (event: any) => unknown }, event: unknown, log: Logger): void {
  const onError = (err: unknown): void => { log.error('a progress listener failed - %e', toError(err)) }

  try {
    catchRejection(onProgress?.(event), onError)
  } catch (err) {
    // a stack overflow is thrown on: if it were logged here, each level would treat it as handled
    if (err instanceof RangeError && err.message.includes('call stack')) {
      throw err
    }

    onError(err)
  }
}
