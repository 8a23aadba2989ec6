import { AbortError } from '@libp2p/interface'
import { checkOptions } from '../pipeline/check-options.ts'
import { Follow } from '../pipeline/follow.ts'
import { named } from '../pipeline/named.ts'
import { check } from '../pipeline/observe.ts'
import { FUNCTION, listOf } from '../pipeline/option-kinds.ts'
import { defaultPace } from '../pipeline/pace.ts'
import { Wake } from '../pipeline/wake.ts'
import { attemptTimeout } from './attempt-timeout.ts'
import { Flights } from './flights.ts'
import { hasStarted, makeWay } from './give-way.ts'
import { Limited } from './limited.ts'
import { Meanwhile } from './meanwhile.ts'
import { spaceSameHost } from './same-host.ts'
import type { AttemptLayer, Candidate, Dial, DialComponents, DialHistory, List, StageInit } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** RFC 8305, section 8: attempts MUST NOT start less than 10 ms apart */
const MINIMUM_DELAY = 10

export interface RaceInit {
  /** Wrapped around each attempt, the first outermost. Default: `[attemptTimeout()]` */
  attempt?: readonly AttemptLayer[]
}

/**
 * Dials the list as it now stands: position is preference, the pace is time. Yields the first connection, and after it
 * only those to candidates that stand before its own. Ends when nothing is in flight or untried and the list is complete.
 * While one waits for a slot, the attempt that has been silent the longest gives way to it, after 2 s at the earliest.
 * TCP connections to one host are spaced: the next starts when the one in flight has failed, or was silent for 500 ms (250 ms on this machine), or takes more
 * than 2 s from its first response. While a source looks further because all have failed, each address is tried again after 1 s, 2 s, 4 s, and so on.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function race (init: RaceInit = {}): StageInit<'candidates', 'connections', 'race'> {
  checkOptions('race()', init, { attempt: listOf('functions that wrap an attempt', FUNCTION) })
  const { attempt = [attemptTimeout()] } = init

  return check(named('race', ['candidates'], 'connections', components => ({
    run: (source, dial) => new Race(dial, attempt, components).run(source)
  })))
}

// made once: making an Error takes longer than all else that ends an attempt
const LOST = new AbortError('Another address won')

class Race {
  readonly #dial: Dial
  readonly #history: DialHistory
  readonly #limited: Limited
  readonly #meanwhile: Meanwhile
  readonly #wake = new Wake()
  readonly #flights: Flights
  #list?: List
  #winner?: Candidate
  /** The limited connection was handed out */
  #isAnswered = false

  constructor (dial: Dial, layers: readonly AttemptLayer[], components: DialComponents) {
    this.#dial = dial
    this.#flights = new Flights(dial, layers, this.#wake)
    this.#history = components.history
    this.#limited = new Limited(dial, components)
    this.#meanwhile = new Meanwhile(dial)
  }

  async * run (source: AsyncIterable<List>): AsyncGenerator<Connection> {
    const upstream = new Follow(source, this.#wake)

    try {
      while (true) {
        this.#adopt(upstream.take())
        const landed = this.#flights.landed.shift()

        if (landed != null) {
          if (this.#winner == null && this.#limited.isUnwanted(landed.connection)) {
            this.#keep(landed.connection)
          } else if (this.#wins(landed.candidate)) {
            yield landed.connection
          } else {
            this.#dial.discard(landed.connection)
          }

          continue
        }

        this.#limited.lookAround(this.#list?.candidates ?? [])
        const next = this.#start(upstream.done)
        const due = this.#limitedDueAt(upstream.done)

        if (due <= this.#dial.clock.now()) {
          this.#isAnswered = true
          yield this.#limited.kept as Connection
          continue
        }

        if (this.#isOver(upstream.done)) {
          return
        }

        await this.#wait(Math.min(next ?? this.#makeWay() ?? Infinity, due))
      }
    } finally {
      upstream.leave()
      this.#flights.end()
    }
  }

  /** A limited connection is the answer where nothing better comes; of two the first */
  #keep (connection: Connection): void {
    if (this.#limited.kept == null) {
      this.#limited.keep(connection)
    } else {
      this.#dial.discard(connection)
    }
  }

  /** When the limited connection that is kept is handed out. Infinity: there is none, or the race has an answer */
  #limitedDueAt (upstreamDone: boolean): number {
    if (this.#limited.kept == null || this.#isAnswered || this.#winner != null) {
      return Infinity
    }

    const list = this.#isCurrent(upstreamDone) ? this.#list : undefined
    const isComplete = list != null && (list.complete || upstreamDone)

    return this.#limited.dueAt(list == null ? [] : this.#untried(list), this.#flights, isComplete)
  }

  #adopt (list?: List): void {
    if (list != null) {
      this.#list = list
      this.#flights.withdraw(list.candidates)
    }
  }

  #wins (candidate: Candidate): boolean {
    if (!this.#improves(candidate)) {
      return false
    }

    this.#winner = candidate

    for (const flight of this.#flights) {
      if (!this.#improves(flight.candidate)) {
        flight.cancel.abort(LOST)
      }
    }

    return true
  }

  #improves ({ id }: Candidate): boolean {
    if (this.#winner == null) {
      return true
    }

    const first = this.#list?.candidates.find(candidate => candidate.id === id || candidate.id === this.#winner?.id)

    return first?.id === id && id !== this.#winner.id
  }

  /** Starts whatever may start now; answers when the next may */
  #start (upstreamDone: boolean): number | undefined {
    const list = this.#list

    // a newer list is on its way
    if (list == null || !this.#isCurrent(upstreamDone)) {
      return
    }

    while (true) {
      const inFlight = this.#flights.unheld()
      const started = inFlight.filter(hasStarted)
      const untried = this.#untried(list)
      const again = untried.length === 0 ? this.#meanwhile.next(list) : undefined
      const waiting = again == null ? untried : this.#startable(again.due)

      if (started.length < inFlight.length) {
        return
      }

      if (waiting.length === 0) {
        return again?.nextAt
      }

      const now = this.#dial.clock.now()
      const idle = inFlight.length === 0
      const chosen = spaceSameHost(list.pace ?? defaultPace)({ untried: waiting, inFlight: started, outcomes: this.#dial.outcomes, lastStart: this.#flights.lastStart, now })
      const isLast = list.complete || upstreamDone || again != null

      if (chosen == null && !(idle && isLast)) {
        return
      }

      // a pace that holds back what nothing else will release would end the dial with an address untried
      const { candidate, at } = chosen ?? { candidate: waiting[0] as Candidate, at: now }
      const earliest = idle ? now : Math.max(at, this.#flights.hasFailed ? now : (this.#flights.lastStart ?? 0) + MINIMUM_DELAY)

      if (earliest > now) {
        return earliest
      }

      if (again != null) {
        this.#meanwhile.began(candidate)
      }

      this.#flights.launch(candidate)
    }
  }

  #makeWay (): number | undefined {
    return makeWay(this.#flights.unheld(), this.#history, this.#dial.clock.now())
  }

  #untried (list: List): Candidate[] {
    return this.#startable(list.candidates.filter(candidate => !this.#dial.tried(candidate)))
  }

  #startable (candidates: readonly Candidate[]): Candidate[] {
    return candidates.filter(candidate => !this.#flights.has(candidate) && this.#improves(candidate) && this.#limited.mayStart(candidate, this.#flights))
  }

  #isCurrent (upstreamDone: boolean): boolean {
    return upstreamDone || this.#list?.revision === this.#dial.target.revision
  }

  #isOver (upstreamDone: boolean): boolean {
    if (this.#flights.size > 0 || this.#flights.landed.length > 0) {
      return false
    }

    return this.#list == null
      ? upstreamDone
      : this.#isCurrent(upstreamDone) && (this.#list.complete || upstreamDone) && this.#untried(this.#list).length === 0
  }

  async #wait (until: number): Promise<void> {
    const { clock, signal } = this.#dial
    const cancel = until === Infinity ? undefined : clock.setTimeout(() => { this.#wake.notify() }, Math.max(0, until - clock.now()))

    try {
      await this.#wake.wait(signal)
    } finally {
      cancel?.()
    }
  }
}
