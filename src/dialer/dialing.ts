import { AbortError } from '@libp2p/interface'
import { setMaxListeners } from 'main-event'
import { CustomProgressEvent } from 'progress-events'
import { DialDeniedError } from '../pipeline/errors.ts'
import { LiveTarget } from '../pipeline/live-target.ts'
import { isStageOption } from '../pipeline/options.ts'
import { runScope } from '../pipeline/run.ts'
import { StageDial } from '../pipeline/scope.ts'
import { Story } from '../pipeline/story.ts'
import { whyNotDialable } from '../pipeline/why-not-dialable.ts'
import { dialError } from './dial-error.ts'
import type { Caller } from './caller.ts'
import type { Engine } from './engine.ts'
import type { ParsedTarget } from './target.ts'
import type { DialHost } from '../pipeline/scope.ts'
import type { Made } from '../pipeline/run.ts'
import type { AttemptOptions, Candidate, DialPipelineOptions } from '../pipeline/types.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Connection, Logger } from '@libp2p/interface'

export interface DialingInit {
  id: string
  target: ParsedTarget
  /** Dials that mean the same can be joined */
  meaning: string
  options: DialPipelineOptions
  pipeline: Made
}

/** One dial: one run of a pipeline for one target, for all callers who asked for it */
export class Dialing implements DialHost {
  readonly id: string
  readonly options: DialPipelineOptions
  readonly callers = new Set<Caller>()
  readonly requested: ParsedTarget
  readonly meaning: string
  priority: number
  startedAt?: number
  endedAt?: number
  connection?: Connection
  error?: Error

  readonly #engine: Engine
  readonly #pipeline: Made
  readonly #controller = new AbortController()
  readonly #charged = new AbortController()
  #target?: LiveTarget
  #story?: Story
  #gated?: WeakMap<Candidate, boolean | Promise<boolean>>
  #denied = false
  #hasListed = false

  constructor (engine: Engine, { id, target, meaning, options, pipeline }: DialingInit) {
    this.id = id
    this.requested = target
    this.meaning = meaning
    this.options = options
    this.priority = options.priority ?? 50
    this.#engine = engine
    this.#pipeline = pipeline
  }

  get clock (): Clock { return this.#engine.components.clock }
  get log (): Logger { return this.#engine.log }
  get timeout (): number { return this.#engine.components.settings.addressDialTimeout }
  get target (): LiveTarget { return (this.#target ??= new LiveTarget(this.requested.peerId, this.requested.multiaddrs)) }
  get story (): Story { return (this.#story ??= new Story()) }

  /** Adds what a joining caller brings. Its addresses enter the running dial at once */
  add (caller: Caller, { multiaddrs }: ParsedTarget): void {
    this.callers.add(caller)

    this.requested.multiaddrs.push(...multiaddrs)

    if (this.startedAt != null) {
      this.target.add(multiaddrs)
      this.#expire(caller)
    }
  }

  /** A transport asks for it, in an attempt that holds a slot: from now on it takes none of its own */
  charge (): void {
    this.#charged.abort()
  }

  /** Ends the dial; whoever still waits is told the reason */
  end (reason: unknown): void {
    this.#controller.abort(reason)
    this.callers.forEach(caller => { caller.reject(reason) })
    this.callers.clear()
  }

  /** Runs to its end; never rejects */
  async run (onConnected: (connection: Connection, previous?: Connection) => void): Promise<void> {
    this.startedAt = this.clock.now()
    setMaxListeners(Infinity, this.#controller.signal)
    this.progress(new CustomProgressEvent('dial-queue:start-dial'))
    this.callers.forEach(caller => { this.#expire(caller) })

    try {
      await this.#checkPeer()
      await this.#connect(onConnected)

      if (this.connection == null) {
        throw dialError(this.story, this.#denied, this.requested.peerId)
      }
    } catch (err: any) {
      if (this.connection == null) {
        this.error = err
        this.end(err)
      } else if (!this.#controller.signal.aborted) {
        this.log.error('dial to %p failed after it had connected - %e', this.requested.peerId, err)
      }
    } finally {
      this.#controller.abort(new AbortError('The dial has ended'))
      this.endedAt = this.clock.now()
    }
  }

  async #connect (onConnected: (connection: Connection, previous?: Connection) => void): Promise<void> {
    const { signal } = this.#controller
    let revision: number

    do {
      revision = this.target.current.revision
      const dial = new StageDial(this, signal)

      for await (const connection of runScope(this.#pipeline, this.target.follow(signal), dial) as AsyncIterable<Connection>) {
        const previous = this.connection
        this.connection = connection
        onConnected(connection, previous)

        if (!this.#engine.lingers(this.#pipeline.init)) {
          this.#controller.abort(new AbortError('The dial has connected'))
          return
        }
      }
    // a caller may have joined with another address in the very moment in which the race ended
    } while (this.connection == null && revision !== this.target.current.revision && this.#hasUntold())
  }

  #hasUntold (): boolean {
    const { peerId, multiaddrs } = this.target.current

    return multiaddrs.some(multiaddr => !this.story.has(multiaddr, peerId))
  }

  attempt = async (candidate: Candidate, options: AttemptOptions): Promise<Connection> => {
    await this.#floor(candidate)

    return this.#engine.attempts.dial(candidate, {
      signal: options.signal,
      onStart: at => { options.onStart(at) },
      onFirstResponse: at => { options.onFirstResponse(at) },
      onProgress: event => { this.progress(event) },
      priority: this.priority,
      charged: this.#charged.signal,
      transportOptions: this.#transportOptions()
    })
  }

  discard (connection: Connection): void {
    this.#engine.attempts.discard(connection)
  }

  gate (candidate: Candidate): boolean | Promise<boolean> {
    const gated = (this.#gated ??= new WeakMap())
    const known = gated.get(candidate)

    if (known != null) {
      return known
    }

    const allowed = this.#ask(candidate)
    gated.set(candidate, allowed)

    return allowed
  }

  listed (candidates: readonly Candidate[]): void {
    if (!this.#hasListed && candidates.length > 0) {
      this.#hasListed = true
      this.progress(new CustomProgressEvent('dial-queue:calculated-addresses', [...candidates]))
    }
  }

  progress (event: unknown): void {
    for (const caller of this.callers) {
      try {
        caller.progress(event)
      } catch (err) {
        this.log.error('a progress listener failed - %e', err)
      }
    }
  }

  #ask (candidate: Candidate): boolean | Promise<boolean> {
    const { connectionGater } = this.#engine.components
    const denied = connectionGater.denyDialMultiaddr?.(candidate.multiaddr) ?? false
    const note = (isDenied: boolean): boolean => {
      this.#denied ||= isDenied
      return !isDenied
    }

    return typeof denied === 'object' ? denied.then(note) : note(denied)
  }

  /** What no stage has judged is judged here: a pipeline cannot bypass the node's gater */
  async #floor (candidate: Candidate): Promise<void> {
    const reason = whyNotDialable(candidate, this.requested.peerId, this.#engine.components)

    if (reason != null) {
      throw new DialDeniedError(`Cannot dial ${candidate.id}: ${reason}`)
    }

    if (!await this.gate(candidate)) {
      throw new DialDeniedError(`The connection gater denied ${candidate.id}`)
    }
  }

  async #checkPeer (): Promise<void> {
    const { peerId } = this.requested

    if (peerId != null && await this.#engine.components.connectionGater.denyDialPeer?.(peerId) === true) {
      throw new DialDeniedError('The dial request is blocked by gater.allowDialPeer')
    }
  }

  #transportOptions (): Record<string, unknown> {
    const { signal, onProgress, ...rest } = this.options

    return Object.fromEntries(Object.entries(rest).filter(([name]) => !isStageOption(name)))
  }

  /** A caller without a signal of its own waits for the node's `dialTimeout`, counted from when the dial began */
  #expire (caller: Caller): void {
    if (caller.signal != null) {
      return
    }

    caller.expireWith(this.clock.setTimeout(() => {
      caller.reject(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
      this.#engine.leave(this, caller)
    }, this.#engine.dialTimeout))
  }
}
