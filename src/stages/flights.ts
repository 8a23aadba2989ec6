import { AbortError } from '@libp2p/interface'
import { SIGNALING } from '../pipeline/signaling.ts'
import { flying, givesWay } from './give-way.ts'
import type { Flying } from './give-way.ts'
import type { HandedOver } from '../pipeline/runtime/handover.ts'
import type { RaceDial } from '../pipeline/runtime/race-dial.ts'
import type { AttemptLayer, Candidate } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

// made once: making an Error takes longer than all else that ends an attempt
const LOST = new AbortError('Another address won')
const OVER = new AbortError('The race is over')
const WITHDRAWN = new AbortError('The address was withdrawn')

/** An attempt that has been handed over from one race to another */
interface Passing extends HandedOver {
  readonly flight: Flying
}

/** The attempts of one race, and the connections that they gave */
export class Flights {
  readonly landed: Array<{ candidate: Candidate, connection: Connection }> = []
  /** When the first attempt started, and the latest, in milliseconds since the epoch */
  firstStart = Infinity
  lastStart = -Infinity
  /** The last attempt has failed, and none has started since */
  hasFailed = false
  readonly #dial: RaceDial
  readonly #layers: readonly AttemptLayer[]
  readonly #flights = new Map<string, Flying>()

  constructor (dial: RaceDial, layers: readonly AttemptLayer[]) {
    this.#dial = dial
    this.#layers = layers
  }

  get size (): number {
    return this.#flights.size
  }

  has (candidate: Candidate): boolean {
    return this.#flights.has(candidate.id)
  }

  [Symbol.iterator] (): Iterator<Flying> {
    return this.#flights.values()
  }

  /** What waits for a slot that others do not need holds none of them back */
  unheld (): Flying[] {
    return [...this].filter(({ isHeld }) => !isHeld)
  }

  launch (candidate: Candidate): void {
    const flight = flying(candidate, this.#dial.clock.now(), this)
    const notify = (): void => { this.#dial.part.host.target.wake.notify() }
    this.#flights.set(candidate.id, flight)

    void this.#dial.attempt(candidate, {
      signal: flight.cancel.signal,
      layers: [givesWay(flight), ...this.#layers],
      onHeld: () => {
        flight.isHeld = true
        notify()
      },
      onStart: at => {
        flight.isHeld = false
        flight.startedAt = at
        flight.owner?.started(at)
        // not before: it shares the transport's dial with the one that was handed over
        this.#dial.handover?.abandon(candidate)
        notify()
      },
      onFirstResponse: at => {
        flight.firstResponseAt = flight.markedAt = at
        notify()
      },
      onMark: (type, at) => {
        flight.markedAt = at

        if (type === SIGNALING) {
          flight.hasRelay = true
          notify()
        }
      },
      onEnd: ({ connection, error }) => {
        flight.hasEnded = true
        flight.connection = connection
        flight.owner?.ended(flight, error)
      }
    })
  }

  started (at: number): void {
    this.firstStart = Math.min(this.firstStart, at)
    this.lastStart = at
    this.hasFailed = false
  }

  ended (flight: Flying, error?: Error): void {
    const { candidate, connection } = flight
    this.#flights.delete(candidate.id)
    this.hasFailed ||= error != null

    if (connection != null) {
      this.landed.push({ candidate, connection })
    }
  }

  cancel (isLost: (candidate: Candidate) => boolean): void {
    for (const { candidate, cancel } of this) {
      if (isLost(candidate)) {
        cancel.abort(LOST)
      }
    }
  }

  /** Cancels what waits for a slot and is not in the list any more, never what is in flight */
  withdraw (candidates: readonly Candidate[]): void {
    for (const { candidate, cancel, startedAt, isHeld } of this) {
      // of one that is held more may be known now: it is asked for anew
      const stands = isHeld ? candidates.includes(candidate) : candidates.some(({ id }) => id === candidate.id)

      if (startedAt == null && !stands) {
        cancel.abort(WITHDRAWN)
      }
    }
  }

  /** Goes on with what a part of the dial has begun that ended before this one */
  adopt (candidates: readonly Candidate[]): void {
    const { handover } = this.#dial

    if (handover == null || handover.isEmpty) {
      return
    }

    for (const candidate of candidates) {
      const passing = handover.take(candidate, () => this.#dial.demandsOf(candidate)) as Passing | undefined

      if (passing != null) {
        this.#own(passing.flight)
      }
    }
  }

  #own (flight: Flying): void {
    const { candidate, connection, startedAt } = flight
    flight.owner = this

    if (startedAt != null) {
      this.firstStart = Math.min(this.firstStart, startedAt)
      this.lastStart = Math.max(this.lastStart, startedAt)
    }

    if (!flight.hasEnded) {
      this.#flights.set(candidate.id, flight)
    } else if (connection != null) {
      this.landed.push({ candidate, connection })
    }
  }

  /**
   * The race is over: its attempts are handed over to the part of the dial that comes in its place, or cancelled, and their connections
   * given back, also those to come
   *
   * @param isInVain - it had no connection
   */
  end (isInVain: boolean): void {
    const { handover } = this.#dial

    for (const flight of this) {
      flight.owner = undefined
      const abandon = (): void => { this.#abandon(flight) }

      if (isInVain && handover != null && flight.startedAt != null) {
        const passing: Passing = { flight, candidate: flight.candidate, demands: this.#dial.demandsOf(flight.candidate), abandon }
        handover.add(passing)
      } else {
        abandon()
      }
    }

    this.landed.forEach(({ connection }) => { this.#dial.discard(connection) })
  }

  #abandon (flight: Flying): void {
    if (!flight.hasEnded) {
      flight.owner = new Abandoned(this.#dial)
      flight.cancel.abort(OVER)
    } else if (flight.connection != null) {
      this.#dial.discard(flight.connection)
    }
  }
}

/** Takes what comes of an attempt that nobody wants any more */
class Abandoned {
  readonly #dial: RaceDial

  constructor (dial: RaceDial) {
    this.#dial = dial
  }

  started (): void {}

  ended ({ connection }: Flying): void {
    if (connection != null) {
      this.#dial.discard(connection)
    }
  }
}
