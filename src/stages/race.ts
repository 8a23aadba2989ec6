import { isPast } from '../pipeline/clock.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { BY_REACH } from '../pipeline/convergence.ts'
import { makeStage } from '../pipeline/runtime/make-stage.ts'
import { ATTEMPT_LAYERS } from './attempt-layers.ts'
import { Flights } from './flights.ts'
import { SilentFlights, ProvisionalAnswer } from './race-waits.ts'
import { LookupRetries } from './lookup-retries.ts'
import { Starts } from '../pipeline/runtime/rules.ts'
import type { AttemptLayers } from './attempt-layers.ts'
import type { DialConvergence } from '../pipeline/convergence.ts'
import type { MadeList } from '../pipeline/runtime/dial-host.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { AttemptLayer, Candidate, Connected, Stage } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** RFC 8305, section 8: attempts MUST NOT start less than 10 ms apart */
const MIN_DELAY = 10

export interface RaceInit<L extends readonly unknown[] = readonly AttemptLayer[]> {
  /** The layers around each attempt, outermost first. Default: `[attemptTimeout()]` */
  attempt?: AttemptLayers<L> | undefined
}

/**
 * Creates the race, which dials the candidates of the newest list. The order of the list is preference, paces and holds decide when each starts. It
 * yields the first connection, and then only better ones: unlimited, direct, or over a transport that the node prefers. It ends when no candidate
 * is in flight or untried and the list is complete, or when none can be better than its connection.
 *
 * - When slots are scarce, the longest silent attempt gives its slot to a waiting candidate: once 49 of 50 first responses would have arrived,
 *   and after 250 ms at the earliest. That attempt is retried last. After 2 s of silence it fails.
 * - TCP connections to one host are spaced: the next one waits for a failure, 500 ms of silence (250 ms on this machine) or a handshake over 2 s.
 * - While a source searches further, failed addresses are retried after 1 s, 2 s, 4 s, ….
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function race<L extends readonly unknown[] = readonly AttemptLayer[]> (init: RaceInit<L> = {}): Stage<'candidates', 'connections', 'race'> {
  checkArguments('race()', arguments, 1)
  checkOptions('race()', init, { attempt: ATTEMPT_LAYERS })
  const { attempt } = init as RaceInit

  return makeStage({ name: 'race', accepts: ['candidates'], yields: 'connections' }, {
    kind: 'race',
    connect: dial => new Race(dial, attempt).run()
  })
}

class Race {
  readonly #dial: RaceDial
  readonly #provisional: ProvisionalAnswer
  #retries?: LookupRetries
  readonly #flights: Flights
  readonly #silent: SilentFlights
  readonly #starts: Starts
  readonly #convergence: DialConvergence
  #list!: MadeList
  #winner?: Connection
  /** The provisional answer that was yielded */
  #answered?: Connection

  constructor (dial: RaceDial, layers: readonly AttemptLayer[] | undefined) {
    this.#dial = dial
    this.#flights = new Flights(dial, layers)
    this.#silent = new SilentFlights(dial, this.#flights)
    this.#starts = new Starts(dial, dial.lists.rules)
    this.#provisional = new ProvisionalAnswer(dial)
    this.#convergence = dial.node.convergence ?? BY_REACH
  }

  async * run (): AsyncGenerator<Connection> {
    const { part, clock } = this.#dial

    try {
      while (true) {
        this.#adopt(this.#dial.take(isPast(this.#silent.from(), clock) && !this.#hasBetterThanSilence ? 'held' : undefined))
        const landed = this.#flights.landed.shift()

        if (landed != null) {
          if (this.#winner == null && landed.connection.limits != null && this.#dial.options.runOnLimitedConnection !== true) {
            this.#provisional.keep(landed.connection)
          } else if (this.#wins(landed)) {
            const stop = this.#endWithPart()
            yield landed.connection
            stop?.()
          } else {
            this.#dial.discard(landed.connection)
          }

          continue
        }

        this.#provisional.look(this.#list.candidates, this.#flights)
        // once the provisional answer is due no attempt starts: it would be cancelled at once
        const next = isPast(this.#provisionalUntil(), clock) ? Infinity : Math.min(this.#start(), this.#silent.makeWay())
        const due = this.#provisionalUntil()

        if (isPast(due, clock)) {
          const answer = this.#answered = this.#provisional.connection as Connection

          // the peer's own connection answers as if it had been open before the dial: without the stages below the race
          if (this.#provisional.isOfPeer && part.host.answerProvisionally?.() === true) {
            return
          }

          const stop = this.#endWithPart()
          yield answer
          stop?.()
        } else if (!this.#isIdle()) {
          const mayWait = this.#hasBetterThanSilence
          const heldAt = mayWait ? Infinity : this.#silent.from()
          const furtherAt = mayWait || !this.#list.complete ? Infinity : this.#silent.furtherFrom()

          if (isPast(furtherAt, clock)) {
            this.#silent.wereSourcesAsked = true
            this.#adopt(this.#dial.take('further'))
          } else {
            await part.host.target.wake.wait(part, Math.min(next, due, furtherAt, isPast(heldAt, clock) ? Infinity : heldAt))
          }
        } else if (this.#winner != null || this.#isAnswered || !this.#lastCall()) {
          return
        }
      }
    } finally {
      this.#end()
    }
  }

  #end (): void {
    this.#flights.end(this.#winner == null)
  }

  /** Has the attempts in flight end with their part, while a stage below has a connection: it may ignore the end, and never return to the race */
  #endWithPart (): (() => void) | undefined {
    return this.#flights.size === 0 ? undefined : this.#dial.part.onEnd(() => { this.#end() })
  }

  /** Makes the last call to the stages above. Returns whether the race goes on */
  #lastCall (): boolean {
    this.#adopt(this.#dial.take('last'))

    return !this.#isIdle()
  }

  /** Whether silent attempts are no reason to call the stages above: there is a connection, or a candidate may start */
  get #hasBetterThanSilence (): boolean {
    return this.#winner != null || this.#dial.hasConnection || this.#hasUntried
  }

  /** Whether the provisional answer was yielded, and no stage below has refused it */
  get #isAnswered (): boolean {
    return this.#answered != null && !this.#dial.part.host.story.isRefused(this.#answered)
  }

  /** Returns when the provisional connection becomes the answer. Infinity: there is none, or the race has an answer */
  #provisionalUntil (): number {
    return this.#isAnswered || this.#winner != null || this.#provisional.connection == null ? Infinity : this.#provisional.dueAt(this.#untried(), this.#flights, this.#list.complete)
  }

  #adopt (list: MadeList): void {
    if (list !== this.#list) {
      this.#list = list
      this.#flights.cancelUnlisted(list.candidates)
      this.#flights.adopt(list.candidates)
    }
  }

  #wins ({ candidate, connection }: Pick<Connected, 'candidate' | 'connection'>): boolean {
    if (!this.#improves(candidate)) {
      return false
    }

    this.#winner = connection
    this.#flights.cancel(one => !this.#improves(one))

    return true
  }

  #improves (candidate: Candidate): boolean {
    return this.#winner == null || this.#convergence.isBetter(candidate, this.#winner)
  }

  /** Starts the candidates that may start now. Returns when the next one may. Infinity: not before something changes */
  #start (): number {
    const { clock } = this.#dial

    while (true) {
      // the flight that waits for a slot is the next to start
      if (this.#flights.waiting != null) {
        return Infinity
      }

      const started = this.#flights.snapshots
      const untried = this.#untried()
      const again = untried.length === 0 && this.#list.isLookingFurther ? (this.#retries ??= new LookupRetries(this.#dial)).next(this.#list.candidates) : undefined
      const open = again == null ? untried : again.due.filter(one => this.#mayStart(one))

      if (open.length === 0) {
        return again?.nextAt ?? Infinity
      }

      const now = clock.now()
      const { candidate, at } = this.#starts.next(open, started, this.#flights, { complete: this.#list.complete, now })
      // without further candidates to come, or with only Infinity to wait for, an idle race starts at once
      const isUrgent = started.length === 0 && (this.#list.complete || again != null || at === Infinity)
      const due = isUrgent ? now : started.length > 0 && !this.#flights.hasFailed ? Math.max(at, this.#flights.lastStart + MIN_DELAY) : at

      if (due > now) {
        return due
      }

      if (again != null) {
        this.#retries?.began(candidate)
      }

      this.#flights.launch(candidate)
    }
  }

  #untried (): readonly Candidate[] {
    return this.#isNeedless ? [] : this.#silent.withYieldedLast(this.#list.candidates.filter(one => this.#isUntried(one)))
  }

  get #hasUntried (): boolean {
    return this.#list.candidates.some(one => this.#isUntried(one)) && !this.#isNeedless
  }

  #isUntried (candidate: Candidate): boolean {
    return !this.#dial.tried(candidate) && this.#mayStart(candidate)
  }

  #mayStart (candidate: Candidate): boolean {
    return !this.#flights.has(candidate) && this.#improves(candidate) && this.#provisional.mayStart(candidate) && !this.#flights.mustAwaitRelay(candidate)
  }

  /** Whether the race has a connection, and no candidate can be better than that one, or than another open connection to the peer */
  get #isNeedless (): boolean {
    const given = this.#winner ?? (this.#isAnswered ? this.#provisional.connection : undefined)

    return given != null && (this.#convergence.isBest(given) ||
      this.#dial.node.connectionManager.getConnections(given.remotePeer).some(one => one.status === 'open' && this.#convergence.isBest(one)))
  }

  /** Returns whether no attempt is in flight, and no candidate that the race would dial is left or to come */
  #isIdle (): boolean {
    return this.#flights.size === 0 && this.#flights.landed.length === 0 && (this.#isNeedless || (this.#list.complete && !this.#hasUntried))
  }
}
