import { AbortError } from '@libp2p/interface'
import { setMaxListeners } from 'main-event'
import type { Connection } from '@libp2p/interface'
import type { Candidate, Outcome, AnyStage } from '../flow.ts'
import type { Clock } from '../clock.ts'
import type { DialHistory, Estimate } from '../dial-components.ts'
import type { DialHost } from './dial-host.ts'
import type { Handover } from './handover.ts'

interface PartInit {
  /** It begins with no outcomes */
  readonly fresh?: boolean
  /** Where its attempts go that outlive it */
  readonly handover?: Handover
}

/** A part of a dial that ends before the rest: one alternative, one try, or the whole. All that its stages have going on ends with it */
export class Part {
  readonly host: DialHost
  readonly memory: Memory
  /** Where attempts go that outlive the part. Undefined: they end with it */
  readonly handover?: Handover
  #end?: { readonly reason: unknown }
  /** Made when a stage asks for it: most dials need none */
  #controller?: AbortController
  readonly #endings = new Set<() => void>()
  /** The part of it that runs now, or has run last */
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

  /** Why it has ended */
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

  /** @throws the reason for which the part has ended */
  throwIfEnded (): void {
    if (this.#end != null) {
      throw this.#end.reason
    }
  }

  fork (init?: PartInit): Part {
    return (this.#inner = new Part(this.host, this, init))
  }

  /** Connections after the first are wanted, by a stage of the part or of the one that runs in it */
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

  /** Calls when the part ends, at once if it has; what is returned takes that back */
  onEnd (fn: () => void): () => void {
    if (this.#end != null) {
      fn()

      return () => {}
    }

    this.#endings.add(fn)

    return () => { this.#endings.delete(fn) }
  }

  /** Calls after so many milliseconds, unless the part has ended by then; what is returned cancels it */
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

/** Outcomes that are kept: a `retry()` may go on for as long as the caller's signal allows */
const MAX_OUTCOMES = 1_024

/** The outcomes that count for a part of a dial */
export class Memory {
  /** Oldest first. Stages are shown it */
  outcomes: readonly Outcome[] = NONE
  readonly tried = new Set<string>()
  /** The connection that is the answer where none better comes */
  kept?: Connection
  /** A timeout() has ended what was in flight, which has no outcome */
  hasTimedOut = false
  readonly #parent?: Memory
  #refusers?: Map<string, AnyStage>
  #estimates?: Map<string, Estimate>

  constructor (parent?: Memory) {
    this.#parent = parent
  }

  /** Returns what a history said of an address when a stage first asked: what the dial itself teaches does not change what it goes by */
  estimateOf (candidate: Candidate, history: Pick<DialHistory, 'estimate'>): Estimate {
    const known = this.#estimates?.get(candidate.id)

    if (known != null) {
      return known
    }

    const estimate = history.estimate(candidate)
    this.#estimates = (this.#estimates ?? new Map()).set(candidate.id, estimate)

    return estimate
  }

  add (outcome: Outcome): void {
    const refuser = outcome.status === 'failed' ? refuserOf(outcome.error) : undefined
    this.outcomes = Object.freeze([...this.outcomes.slice(1 - MAX_OUTCOMES), Object.freeze(outcome)])
    this.tried.add(outcome.candidate.id)
    this.#refusers?.delete(outcome.candidate.id)
    this.#parent?.add(outcome)

    if (refuser != null) {
      this.refuse(outcome.candidate, refuser)
    }
  }

  /** A stage below a race refuses the connection to a candidate: where that stage does not stand, nothing is said against it */
  refuse (candidate: Candidate, stage: AnyStage): void {
    this.#refusers = (this.#refusers ?? new Map()).set(candidate.id, stage)
    this.#parent?.refuse(candidate, stage)
  }

  /** The stage that refused the latest connection to a candidate */
  refuserOf ({ id }: Candidate): AnyStage | undefined {
    return this.#refusers?.get(id)
  }

  keep (connection: Connection): void {
    this.kept = connection
    this.#parent?.keep(connection)
  }

  timedOut (): void {
    this.hasTimedOut = true
    this.#parent?.timedOut()
  }

  everTried (id: string): boolean {
    return this.tried.has(id) || this.#parent?.everTried(id) === true
  }
}

const refusers = new WeakMap<Error, AnyStage>()

/** Notes that an attempt fails with an error because a stage below its race refuses the connection */
export function refusedBy<E extends Error> (stage: AnyStage, error: E): E {
  refusers.set(error, stage)

  return error
}

export function refuserOf (error: Error): AnyStage | undefined {
  return refusers.get(error)
}
