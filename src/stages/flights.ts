import { AbortError } from '@libp2p/interface'
import { attemptTimeout } from './attempt-layers.ts'
import { Flight, hasStarted } from './flight.ts'
import type { FlightOwner } from './flight.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { AttemptLayer, Candidate, Connected, Flight as StartedFlight } from '../pipeline/types.ts'

// shared: creating an Error costs more than the rest of a cancellation
const LOST = new AbortError('Another address won')
const WITHDRAWN = new AbortError('The address was withdrawn')

export class Flights implements FlightOwner {
  readonly landed: Array<Pick<Connected, 'candidate' | 'connection'>> = []
  /** When the first and the latest attempt started, in milliseconds since the epoch */
  firstStart = Infinity
  lastStart = -Infinity
  /** Whether an attempt has failed since the last start. The next start then need not be 10 ms later */
  hasFailed = false
  readonly #dial: RaceDial
  readonly #layers: readonly AttemptLayer[]
  /** Milliseconds from the slot of an attempt to its timeout. Undefined: a layer ends it */
  readonly #limit?: number
  readonly #flights = new Map<string, Flight>()

  /** @param layers the layers around each attempt. Undefined: attempts time out after the node's `addressDialTimeout` */
  constructor (dial: RaceDial, layers: readonly AttemptLayer[] | undefined) {
    this.#dial = dial
    const isPlain = layers == null && dial.layers.length === 0
    this.#layers = layers ?? (isPlain ? [] : [attemptTimeout()])
    this.#limit = isPlain ? dial.node.settings.addressDialTimeout : undefined
  }

  get size (): number {
    return this.#flights.size
  }

  has (candidate: Candidate): boolean {
    return this.#flights.has(candidate.id)
  }

  /** Returns whether a WebRTC candidate must wait because another WebRTC attempt is still opening its relayed connection */
  mustAwaitRelay ({ facts }: Candidate): boolean {
    return facts.transport === 'webrtc' && [...this].some(({ candidate, hasRelay }) => !hasRelay && candidate.facts.transport === 'webrtc')
  }

  [Symbol.iterator] (): Iterator<Flight> {
    return this.#flights.values()
  }

  /** The first flight that waits for a slot. A held flight is skipped: the slot that it waits for is not needed by others */
  get waiting (): Flight | undefined {
    for (const flight of this) {
      if (!flight.isHeld && !hasStarted(flight)) {
        return flight
      }
    }
  }

  /** The flights that have started, as timing rules see them */
  get snapshots (): StartedFlight[] {
    const snapshots: StartedFlight[] = []

    for (const { isHeld, snapshot } of this) {
      if (!isHeld && snapshot != null) {
        snapshots.push(snapshot)
      }
    }

    return snapshots
  }

  launch (candidate: Candidate): void {
    const flight = new Flight(this.#dial, candidate, this)
    this.#flights.set(candidate.id, flight)
    flight.begin(this.#layers, this.#limit)
  }

  started ({ candidate, story: { startedAt } }: Flight, at: number): void {
    // a layer that tries an address again delays no other
    if (startedAt === at) {
      this.firstStart = Math.min(this.firstStart, at)
      this.lastStart = at
      this.hasFailed = false
    }

    // not at the launch: the new attempt may share the transport dial of the handed-over one, which ends with its last user
    this.#dial.part.handover?.abandon(candidate)
  }

  ended ({ candidate, story: { connection } }: Flight, error?: Error): void {
    this.#flights.delete(candidate.id)
    this.hasFailed ||= error != null

    if (connection != null) {
      this.landed.push({ candidate, connection })
    }
  }

  cancel (isLost: (candidate: Candidate) => boolean): void {
    for (const flight of [...this]) {
      if (isLost(flight.candidate)) {
        flight.cancel(LOST)
      }
    }
  }

  /** Cancels the flights that wait for a slot and have left the list. Never cancels a flight in flight */
  cancelUnlisted (candidates: readonly Candidate[]): void {
    for (const flight of [...this]) {
      const { candidate, startedAt, isHeld, story: { isInLayer } } = flight

      // a held flight ends if its candidate was replaced by one with other reports: the new candidate is judged again
      if (startedAt == null && !(isHeld && isInLayer !== true ? candidates.includes(candidate) : candidates.some(({ id }) => id === candidate.id))) {
        flight.cancel(WITHDRAWN)
      }
    }
  }

  /** Takes over attempts of a part of the dial that ended before this one */
  adopt (candidates: readonly Candidate[]): void {
    const { handover } = this.#dial.part

    if (handover == null) {
      return
    }

    for (const candidate of candidates) {
      const flight = handover.take(candidate, () => this.#dial.demandsOf(candidate)) as Flight | undefined

      if (flight != null) {
        this.#own(flight)
      }
    }
  }

  #own (flight: Flight): void {
    const { candidate, startedAt, story: { connection } } = flight
    flight.adopt(this.#dial, this)

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
   * Ends the race. Its attempts are handed over to the part of the dial that follows, or cancelled. Its connections are discarded, also those that
   * are still to come
   *
   * @param hasFailed whether the race has no connection
   */
  end (hasFailed: boolean): void {
    const { handover } = this.#dial.part

    for (const flight of [...this]) {
      flight.owner = undefined

      if (hasFailed && handover != null && flight.startedAt != null) {
        handover.add(flight, this.#dial.demandsOf(flight.candidate))
      } else {
        flight.abandon()
      }
    }

    this.#flights.clear()
    this.landed.splice(0).forEach(({ connection }) => { this.#dial.discard(connection) })
  }
}
