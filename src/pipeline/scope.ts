import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import { toError } from './errors.ts'
import type { Clock } from './clock.ts'
import type { LiveTarget } from './live-target.ts'
import type { AddressStory, Story } from './story.ts'
import type { Attempt, Candidate, Dial, DialAttemptOptions, DialPipelineOptions, ForkedDial, Outcome, Target } from './types.ts'
import type { Connection, Logger } from '@libp2p/interface'

/** What the engine of a node does for a dial */
export interface DialHost {
  readonly clock: Clock
  readonly log: Logger
  readonly options: DialPipelineOptions
  /** The node's `addressDialTimeout`, in milliseconds */
  readonly timeout: number
  readonly target: LiveTarget
  readonly story: Story
  /** Calls `onStart` when a slot was granted. Leaves without a trace when the signal aborts */
  readonly attempt: Attempt
  /** A list has come as far as a race */
  listed (candidates: readonly Candidate[]): void
  /** Connections after the first are wanted */
  linger (): void
  discard (connection: Connection): void
  gate (candidate: Candidate): boolean | Promise<boolean>
}

/** The outcomes and verdicts that count for a part of a dial */
class Memory {
  readonly outcomes: Outcome[] = []
  readonly tried = new Set<string>()
  /** Which stage dropped it */
  readonly dropped = new Map<string, string>()
  readonly expanded = new Map<string, readonly Candidate[]>()
  readonly #parent?: Memory
  readonly #everSpent = new Set<string>()

  constructor (parent?: Memory) {
    this.#parent = parent
  }

  /** How many times something new was learnt that makes an address spent */
  get knowledge (): number {
    return this.#everSpent.size
  }

  /** The knowledge at which the target was last raised */
  raisedAt = 0

  outcome (outcome: Outcome): void {
    this.outcomes.push(outcome)
    this.tried.add(outcome.candidate.id)
    this.#everSpent.add(outcome.candidate.id)
    this.#parent?.outcome(outcome)
  }

  drop (id: string, stage: string): void {
    this.dropped.set(id, stage)
    this.#everSpent.add(id)
  }
}

/** A dial as one stage sees it: everything it says is stamped with the stage's name */
export class StageDial implements Dial {
  readonly signal: AbortSignal
  readonly #host: DialHost
  readonly #memory: Memory
  readonly #stage: string
  #log?: Logger

  constructor (host: DialHost, signal: AbortSignal, stage: string = 'dial', memory: Memory = new Memory()) {
    this.#host = host
    this.#memory = memory
    this.#stage = stage
    this.signal = signal
  }

  get target (): Target { return this.#host.target.current }
  get options (): DialPipelineOptions { return this.#host.options }
  get outcomes (): readonly Outcome[] { return this.#memory.outcomes }
  get clock (): Clock { return this.#host.clock }
  get log (): Logger { return (this.#log ??= this.#host.log.newScope(this.#stage)) }

  as (stage: string): StageDial {
    return new StageDial(this.#host, this.signal, stage, this.#memory)
  }

  fork (options: { fresh?: boolean } = {}): ForkedDial {
    const controller = new AbortController()
    const signal = anySignal([this.signal, controller.signal])
    setMaxListeners(Infinity, signal)
    const memory = options.fresh === true ? new Memory(this.#memory) : this.#memory

    return Object.assign(new StageDial(this.#host, signal, this.#stage, memory), {
      end: (reason: Error) => {
        controller.abort(reason)
        signal.clear()
      }
    })
  }

  gate (candidate: Candidate): boolean | Promise<boolean> {
    return this.#host.gate(candidate)
  }

  linger (): void {
    this.#host.linger()
  }

  discard (connection: Connection): void {
    this.#host.discard(connection)
  }

  tried (candidate: Candidate): boolean {
    return this.#memory.tried.has(candidate.id)
  }

  spent (candidate: Candidate): boolean {
    const { dropped, expanded } = this.#memory

    return this.tried(candidate) || dropped.has(candidate.id) ||
      expanded.get(candidate.id)?.every(into => into.id !== candidate.id && this.spent(into)) === true
  }

  verdict (candidate: Candidate, verdict: boolean | string): void {
    const story = this.#host.story.of(candidate)

    if (verdict !== true) {
      story.dropped = { stage: this.#stage, reason: verdict === false ? 'dropped' : verdict }
      this.#memory.drop(candidate.id, this.#stage)
    } else if (this.#memory.dropped.get(candidate.id) === this.#stage) {
      this.#memory.dropped.delete(candidate.id)
      story.dropped = undefined
    }
  }

  expanded (candidate: Candidate, into: readonly Candidate[]): void {
    this.#memory.expanded.set(candidate.id, into)
    this.#host.story.of(candidate).expanded = { stage: this.#stage, into: into.map(({ id }) => id) }
  }

  /** A list has come as far as a race. Where it is wholly spent and stages above do not know it yet, they are asked again */
  listed (candidates: readonly Candidate[], final: boolean): void {
    for (const candidate of candidates) {
      const story = this.#host.story.of(candidate)
      story.listed = true
      story.dropped = undefined
      this.#memory.dropped.delete(candidate.id)
    }

    this.#host.listed(candidates)

    if (final && this.#memory.raisedAt !== this.#memory.knowledge && candidates.every(candidate => this.spent(candidate))) {
      this.#raise()
    }
  }

  async attempt (candidate: Candidate, options: DialAttemptOptions): Promise<Connection> {
    const { clock, timeout } = this.#host
    const { signal, layers = [] } = options
    const attempts = this.#host.story.of(candidate).attempts
    const story: AddressStory['attempts'][number] = { requestedAt: clock.now() }
    attempts.push(story)
    const got = new Set<Connection>()

    // a layer that loses a connection (an abort in the very moment of success) must not leave it open
    const keep: Attempt = async (one, options) => {
      const connection = await this.#host.attempt(one, options)
      got.add(connection)

      return connection
    }

    try {
      const attempt = layers.reduceRight<Attempt>((next, layer) => layer(next), keep)
      const connection = await attempt(candidate, {
        signal,
        clock,
        timeout,
        onStart: at => {
          story.startedAt ??= at
          options.onStart?.(at)
        },
        onFirstResponse: at => {
          story.firstResponseAt ??= at
          options.onFirstResponse?.(at)
        }
      })

      got.delete(connection)
      story.result = 'connected'
      story.connection = connection
      this.#memory.outcome({ status: 'connected', candidate, connection, startedAt: story.startedAt ?? story.requestedAt, endedAt: clock.now() })

      return connection
    } catch (thrown) {
      const error = signal.aborted ? signal.reason : toError(thrown)

      if (signal.aborted) {
        story.result = 'cancelled'
      } else {
        story.result = 'failed'
        story.error = error
        this.#memory.outcome({ status: 'failed', candidate, error, startedAt: story.startedAt ?? story.requestedAt, endedAt: clock.now() })
        this.#raise()
      }

      throw error
    } finally {
      got.forEach(connection => { this.#host.discard(connection) })
      story.endedAt = clock.now()
    }
  }

  #raise (): void {
    this.#memory.raisedAt = this.#memory.knowledge
    this.#host.target.raise()
  }
}
