import { settledOrAborted } from '../../pipeline/foreign-promises.ts'
import { Judgements } from '../../pipeline/judgements.ts'
import { Story } from '../../pipeline/runtime/story.ts'
import { promisedAttempt } from '../promised-attempt.ts'
import { silentLogger } from '../silent-logger.ts'
import type { ScriptedNetwork } from '../scripted-network.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { LiveTarget } from '../../pipeline/runtime/live-target.ts'
import type { AttemptListener, BegunAttempt, DialHost } from '../../pipeline/runtime/dial-host.ts'
import type { Candidate, DialComponents, DialPipelineOptions } from '../../pipeline/types.ts'
import type { Connection, Logger } from '@libp2p/interface'

/** An attempt that the stage started */
export interface StageRunAttempt {
  readonly candidate: Candidate
  readonly signal: AbortSignal
  /** The time at which the attempt got its slot */
  startedAt?: number
  endedAt?: number
  connection?: Connection
}

/** A substitute for the dial engine. Tests can withhold slots, and can make transports ignore their signal */
export class StageRunHost implements DialHost {
  readonly node: DialComponents
  readonly clock: Clock
  /** The arguments of each error that a stage logged */
  readonly errors: unknown[][] = []
  readonly log: Logger = this.#logger()
  readonly story = new Story()
  readonly judgements: Judgements
  readonly options: DialPipelineOptions
  /** The options without an error for undeclared ones: only the check in declares.ts reports these, instead of every check */
  readonly shownOptions: DialPipelineOptions
  readonly target: LiveTarget
  readonly attempts: StageRunAttempt[] = []
  readonly discarded = new Set<Connection>()
  ignoresSignal = false
  readonly #network: ScriptedNetwork
  readonly #waiting = new Set<() => void>()
  #hasSlots = true

  constructor (components: DialComponents, network: ScriptedNetwork, target: LiveTarget, options: DialPipelineOptions, shownOptions: DialPipelineOptions) {
    this.node = components
    this.clock = components.clock
    this.target = target
    this.options = options
    this.shownOptions = shownOptions
    this.judgements = new Judgements(components, target.current.peerId)
    this.#network = network
  }

  #logger (): Logger {
    const log: Logger = Object.assign(() => {}, silentLogger.forComponent('compliance'), {
      error: (...args: unknown[]) => { this.errors.push(args) },
      newScope: () => log
    })

    return log
  }

  set hasSlots (hasSlots: boolean) {
    this.#hasSlots = hasSlots
    this.#waiting.forEach(resume => { resume() })
  }

  attempt (candidate: Candidate, listener: AttemptListener): BegunAttempt {
    return promisedAttempt(async signal => this.#attempt(candidate, listener, signal), listener, connection => { this.discard(connection) })
  }

  onListPulled (): void {}

  discard (connection: Connection): void {
    this.discarded.add(connection)
    void connection.close()
  }

  async #attempt (candidate: Candidate, listener: AttemptListener, signal: AbortSignal): Promise<Connection> {
    const attempt: StageRunAttempt = { candidate, signal }
    this.attempts.push(attempt)

    try {
      await this.#slot(signal)
      attempt.startedAt = this.clock.now()
      listener.onStart(attempt.startedAt)
      attempt.connection = await this.#network.dial(candidate.multiaddr, {
        signal: this.ignoresSignal ? undefined : signal,
        onProgress: () => { listener.onFirstResponse(this.clock.now()) }
      })

      return attempt.connection
    } finally {
      attempt.endedAt = this.clock.now()
    }
  }

  async #slot (signal: AbortSignal): Promise<void> {
    while (!this.#hasSlots) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waiting.add(resolve)

      try {
        await settledOrAborted(promise, signal)
      } finally {
        this.#waiting.delete(resolve)
      }
    }
  }
}
