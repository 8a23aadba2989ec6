import { AbortError, TimeoutError } from '@libp2p/interface'
import { answerTime } from '../pipeline/dial-components.ts'
import { hasStarted } from './flight.ts'
import type { Flight } from './flight.ts'
import type { Flights } from './flights.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate } from '../pipeline/types.ts'

// shared: creating an Error costs more than the rest of a cancellation
export const GAVE_WAY = new AbortError('Another address waited for the slot')

/** RFC 8305, section 8: the Connection Attempt Delay, and its Maximum, in milliseconds */
const DELAY = { usual: 250, max: 2_000 }

/** Milliseconds after which TCP and QUIC send anew what was lost (RFC 6298, RFC 9002) */
const RETRANSMISSION = 1_000

/** Milliseconds for which an attempt is given time whose transport says nothing until it has connected */
const MUTE = 5_000

/** An attempt that finds a slot free has it by then, in milliseconds */
const SLOT_DELAY = 10

/** The attempts of one race that nothing was heard of: when they give way to others, and when they are not worth waiting for alone */
export class SilentFlights {
  /** Sources that look further were told */
  areTold = false
  readonly #dial: RaceDial
  readonly #flights: Flights
  /** By the identity of the address */
  readonly #gaveWay = new Set<string>()

  constructor (dial: RaceDial, flights: Flights) {
    this.#dial = dial
    this.#flights = flights
  }

  /**
   * Where a flight waits for a slot, has the one that has been silent the longest give way, when its time has come. One for
   * each that waits: the slot that is missing may be another's, and who gives way gives no more than is asked for
   *
   * @returns when the time will have come. Infinity: never
   */
  makeWay (): number {
    const waiting = this.#flights.waiting

    if (waiting == null || waiting.hasWay || waiting.hasSlot) {
      return Infinity
    }

    const silent = [...this.#flights].filter(hasStarted).filter(({ firstResponseAt, isHeld }) => firstResponseAt == null && !isHeld)
    const [first] = silent.map(flight => ({ flight, until: flight.startedAt + this.#patienceFor(flight, waiting) })).toSorted((a, b) => a.until - b.until)

    if (first == null) {
      return Infinity
    }

    const now = this.#dial.clock.now()
    const at = Math.max(first.until, waiting.requestedAt + SLOT_DELAY)

    if (at > now) {
      return at
    }

    waiting.hasWay = true
    this.#giveWay(first.flight, now)

    return Infinity
  }

  /**
   * Returns when all of them are silent for as long as answers take after a packet that was lost. Infinity: never, as one waits, or was
   * heard of, or sources were told
   */
  from (): number {
    let from = this.areTold ? Infinity : -Infinity

    for (const { candidate, startedAt, firstResponseAt, isHeld } of this.#flights) {
      from = Math.max(from, firstResponseAt == null && !isHeld ? this.#silentFrom(candidate, startedAt ?? Infinity) : Infinity)
    }

    return from
  }

  /** Puts those behind the others that have given way */
  lastOnesLast (candidates: readonly Candidate[]): readonly Candidate[] {
    const gaveWay = ({ id }: Candidate): boolean => this.#gaveWay.has(id)

    return this.#gaveWay.size === 0 ? candidates : [...candidates.filter(one => !gaveWay(one)), ...candidates.filter(gaveWay)]
  }

  /** One that was silent for as long as a last try is has failed. Another may be slow: it is tried again behind all others */
  #giveWay (flight: Flight & { startedAt: number }, now: number): void {
    const { candidate, startedAt } = flight

    if (now >= startedAt + this.#silenceOf(candidate, DELAY.max)) {
      flight.fail(new TimeoutError(`No response from ${candidate.id} after ${Math.round(now - startedAt)} ms, and another address waits for its slot`))
    } else {
      this.#gaveWay.add(candidate.id)
      flight.cancel(GAVE_WAY)
    }
  }

  /** How long an attempt may be silent while another waits. Where one of them has given way before, that is tried for the last time */
  #patienceFor ({ candidate }: Flight, { candidate: other }: Flight): number {
    return this.#silenceOf(candidate, this.#gaveWay.has(candidate.id) || this.#gaveWay.has(other.id) ? DELAY.max : DELAY.usual)
  }

  /** When one is silent for that long, or may be at the earliest: most are heard of before anybody has to know what they were expected to take */
  #silentFrom (candidate: Candidate, startedAt: number): number {
    const earliest = startedAt + RETRANSMISSION + DELAY.usual

    if (candidate.facts.isMute) {
      return startedAt + MUTE
    }

    return this.#dial.clock.now() < earliest ? earliest : startedAt + RETRANSMISSION + this.#silenceOf(candidate, DELAY.usual)
  }

  /** As long as 49 of 50 first responses take, and at least so long */
  #silenceOf (candidate: Candidate, least: number): number {
    return Math.max(least, answerTime(this.#dial.node.history.estimate(candidate)))
  }
}
