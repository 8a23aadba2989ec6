import { AbortError } from '@libp2p/interface'
import { setMaxListeners } from 'main-event'
import type { Clock } from '../clock.ts'
import type { AnyStage, AttemptLayer, Candidate, DialHistory, Estimate, Outcome } from '../types.ts'
import type { DialHost } from './dial-host.ts'

interface PartInit {
  /** Whether the part begins without outcomes */
  readonly fresh?: boolean
  /** Receives the attempts of the part that outlive it */
  readonly handover?: Handover
}

/** A part of a dial that can end before the rest: one alternative, one run, or the whole dial. All work of its stages is cancelled when it ends */
export class Part {
  readonly host: DialHost
  readonly memory: Memory
  /** Receives the attempts that outlive the part. Undefined: they end with it */
  readonly handover?: Handover
  #end?: { readonly reason: unknown }
  /** Created when a stage asks for the signal: most dials need none */
  #controller?: AbortController
  readonly #endings = new Set<() => void>()
  /** The inner part that began last */
  #inner?: Part
  #lingers = false
  readonly #leave?: () => void

  constructor (host: DialHost, outer?: Part, { fresh = false, handover = outer?.handover }: PartInit = {}) {
    this.host = host
    this.memory = outer == null || fresh ? new Memory(outer?.memory) : outer.memory
    this.handover = handover
    this.#leave = outer?.onEnd(() => { this.end(outer.reason) })
  }

  get clock (): Clock { return this.host.node.clock }

  get isEnded (): boolean {
    return this.#end != null
  }

  get reason (): unknown {
    return this.#end?.reason
  }

  /** Aborts when the part ends */
  get signal (): AbortSignal {
    if (this.#controller == null) {
      this.#controller = new AbortController()
      setMaxListeners(Infinity, this.#controller.signal)

      if (this.#end != null) {
        this.#controller.abort(this.#end.reason)
      }
    }

    return this.#controller.signal
  }

  throwIfEnded (): void {
    if (this.#end != null) {
      throw this.#end.reason
    }
  }

  fork (init?: PartInit): Part {
    return (this.#inner = new Part(this.host, this, init))
  }

  /** Whether a stage of the part, or of its inner part, asks for connections after the first */
  get lingers (): boolean {
    return this.#lingers || this.#inner?.lingers === true
  }

  linger (): void {
    this.#lingers = true
  }

  end (reason: unknown): void {
    if (this.#end != null) {
      return
    }

    this.#end = { reason: reason ?? new AbortError('The dial has ended') }
    this.#leave?.()
    this.#controller?.abort(this.#end.reason)
    this.#endings.forEach(fn => { fn() })
    this.#endings.clear()
  }

  /** Calls `fn` when the part ends, at once if it has ended. Returns a function that cancels the call */
  onEnd (fn: () => void): () => void {
    if (this.#end != null) {
      fn()

      return () => {}
    }

    this.#endings.add(fn)

    return () => { this.#endings.delete(fn) }
  }

  /** Calls `fn` after `ms` milliseconds, unless the part has ended. Returns a function that cancels the call */
  after (ms: number, fn: () => void): () => void {
    if (this.#end != null) {
      return () => {}
    }

    const cancel = this.clock.setTimeout(() => {
      stop()
      fn()
    }, ms)
    const stop = this.onEnd(cancel)

    return () => {
      stop()
      cancel()
    }
  }
}

const NONE: readonly Outcome[] = Object.freeze([])

/** The maximum number of outcomes that are kept: a `retry()` may run for as long as the caller's signal allows */
const MAX_OUTCOMES = 1_024

/** The outcomes that a part of a dial takes into account */
export class Memory {
  /** Oldest first. Frozen, because stages read it */
  outcomes: readonly Outcome[] = NONE
  readonly tried = new Set<string>()
  /** Whether a timeout() has cancelled attempts, which have no outcome */
  hasTimedOut = false
  readonly #parent?: Memory
  #estimates?: Map<string, Estimate>

  constructor (parent?: Memory) {
    this.#parent = parent
  }

  /** Returns the estimate of a candidate, cached at its first use: the outcomes of the dial itself do not change its plan */
  estimateOf (candidate: Candidate, history: Pick<DialHistory, 'estimate'>): Estimate {
    const estimate = this.#estimates?.get(candidate.id) ?? history.estimate(candidate)
    this.#estimates = (this.#estimates ?? new Map()).set(candidate.id, estimate)

    return estimate
  }

  add (outcome: Outcome): void {
    this.outcomes = Object.freeze([...this.outcomes.slice(1 - MAX_OUTCOMES), Object.freeze(outcome)])
    this.tried.add(outcome.candidate.id)
    this.#parent?.add(outcome)
  }

  timedOut (): void {
    this.hasTimedOut = true
    this.#parent?.timedOut()
  }

  everTried (id: string): boolean {
    return this.tried.has(id) || this.#parent?.everTried(id) === true
  }
}

const refusers = new WeakMap<Error, readonly AnyStage[]>()

/** Marks the error of an attempt with the stages whose verdict failed it: a stage below the race, or filters that the dial of its relay inherited */
export function refusedBy<E extends Error> (stages: readonly AnyStage[], error: E): E {
  refusers.set(error, [...new Set([...refusersOf(error), ...stages])])

  return error
}

export function refusersOf (error: Error): readonly AnyStage[] {
  return refusers.get(error) ?? []
}

/** The filters that the address of an attempt has passed, and the layers that it runs through */
export interface AttemptDemands {
  readonly filters: readonly AnyStage[]
  /** The layers that stages below a race add to attempts */
  readonly layers: readonly AttemptLayer[]
}

/** An attempt that continues while no race runs it */
export interface DetachedAttempt {
  readonly candidate: Candidate
  abandon (): void
}

/** Keeps the attempts in flight of an ended part of a dial, for the part that follows it */
export class Handover {
  readonly #flights = new Map<string, { readonly flight: DetachedAttempt, readonly demands: AttemptDemands }>()

  add (flight: DetachedAttempt, demands: AttemptDemands): void {
    this.abandon(flight.candidate)
    this.#flights.set(flight.candidate.id, { flight, demands })
  }

  /** Removes and returns the attempt of a candidate, if it meets the demands that a new attempt would have to meet */
  take ({ id }: Candidate, demandsOf: () => AttemptDemands): DetachedAttempt | undefined {
    const one = this.#flights.get(id)

    if (one == null || !meets(one.demands, demandsOf())) {
      return
    }

    this.#flights.delete(id)

    return one.flight
  }

  /** Cancels the attempt of a candidate, which another attempt has replaced */
  abandon ({ id }: Candidate): void {
    this.#flights.get(id)?.flight.abandon()
    this.#flights.delete(id)
  }

  /** Cancels all attempts: no part follows */
  end (): void {
    this.#flights.forEach(({ flight }) => { flight.abandon() })
    this.#flights.clear()
  }
}

/** Returns whether an attempt has passed all filters, and runs through the same layers. A further layer may wait for a check that nobody needs any more */
function meets (flight: AttemptDemands, demands: AttemptDemands): boolean {
  return demands.filters.every(one => flight.filters.includes(one)) &&
    demands.layers.length === flight.layers.length && demands.layers.every((one, i) => flight.layers[i] === one)
}
