import { AbortError } from '@libp2p/interface'
import { SIGNALING } from '../pipeline/signaling.ts'
import { flying, givesWay } from './give-way.ts'
import type { Flying } from './give-way.ts'
import type { Wake } from '../pipeline/wake.ts'
import type { AttemptLayer, Candidate, Dial } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

// made once: making an Error takes longer than all else that ends an attempt
const OVER = new AbortError('The race is over')
const WITHDRAWN = new AbortError('The address was withdrawn')

/** The attempts of one race, and the connections that they gave. Wakes the race when one of them starts, answers or ends */
export class Flights {
  readonly landed: Array<{ candidate: Candidate, connection: Connection }> = []
  /** When the last attempt started, in milliseconds since the epoch */
  lastStart?: number
  /** The last attempt has failed, and none has started since */
  hasFailed = false
  readonly #dial: Dial
  readonly #layers: readonly AttemptLayer[]
  readonly #wake: Wake
  readonly #flights = new Map<string, Flying>()
  #isOver = false

  constructor (dial: Dial, layers: readonly AttemptLayer[], wake: Wake) {
    this.#dial = dial
    this.#layers = layers
    this.#wake = wake
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
    const flight = flying(candidate, this.#dial.clock.now())
    this.#flights.set(candidate.id, flight)

    this.#dial.attempt(candidate, {
      signal: flight.cancel.signal,
      layers: [givesWay(flight), ...this.#layers],
      onHeld: () => {
        flight.isHeld = true
        this.#wake.notify()
      },
      onStart: at => {
        flight.isHeld = false
        flight.startedAt = this.lastStart = at
        this.hasFailed = false
        this.#wake.notify()
      },
      onFirstResponse: at => {
        flight.firstResponseAt = flight.markedAt = at
        this.#wake.notify()
      },
      onMark: (type, at) => {
        flight.markedAt = at

        if (type === SIGNALING) {
          flight.hasRelay = true
          this.#wake.notify()
        }
      }
    }).then(connection => {
      if (this.#isOver) {
        this.#dial.discard(connection)
      } else {
        this.landed.push({ candidate, connection })
      }
    }, () => {
      this.hasFailed ||= !flight.cancel.signal.aborted
    }).finally(() => {
      this.#flights.delete(candidate.id)
      this.#wake.notify()
    })
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

  /** Cancels all attempts, and discards their connections, also those to come */
  end (): void {
    this.#isOver = true
    this.#flights.forEach(({ cancel }) => { cancel.abort(OVER) })
    this.landed.forEach(({ connection }) => { this.#dial.discard(connection) })
  }
}
