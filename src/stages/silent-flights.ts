import { AbortError, TimeoutError } from '@libp2p/interface'
import { answerTime } from '../pipeline/dial-components.ts'
import { hasStarted } from './flight.ts'
import type { Flight } from './flight.ts'
import type { Flights } from './flights.ts'
import type { RaceCall } from '../pipeline/runtime/dial-host.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate } from '../pipeline/types.ts'

// shared: creating an Error costs more than the rest of a cancellation
export const GAVE_WAY = new AbortError('Another address waited for the slot')

/** The Connection Attempt Delay and its Maximum of RFC 8305, section 8, in milliseconds */
const DELAY = { usual: 250, max: 2_000 }

/** Milliseconds after which TCP and QUIC retransmit a lost packet (RFC 6298, RFC 9002) */
const RETRANSMISSION = 1_000

/** Milliseconds for an attempt whose transport reports nothing before it has connected */
const MUTE = 5_000

/** Milliseconds within which an attempt gets its slot if one is free */
const SLOT_DELAY = 10

/** The silent attempts of one race: decides when they give way to others, and when the race calls the stages above beside them */
export class SilentFlights {
  /** Whether the sources that search further were asked */
  wereSourcesAsked = false
  /** When the race began */
  #begunAt?: number
  readonly #dial: RaceDial
  readonly #flights: Flights
  /** The ids of the candidates whose attempts gave way */
  readonly #gaveWay = new Set<string>()

  constructor (dial: RaceDial, flights: Flights) {
    this.#dial = dial
    this.#flights = flights
  }

  /**
   * If a flight waits for a slot, makes the flight that was silent the longest give way once its time has come. Each waiting flight makes one give
   * way: an attempt of another dial may get the slot, and no flight gives way without need
   *
   * @returns when the time has come. Infinity: never
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
    const at = Math.max(first.until, waiting.story.requestedAt + SLOT_DELAY)

    if (at > now) {
      return at
    }

    waiting.hasWay = true
    this.#giveWay(first.flight, now)

    return Infinity
  }

  /** Returns when all flights have been silent for the time of an answer. Without a flight, the race waits for a stage above, which has a second */
  from (): number {
    this.#begunAt ??= this.#dial.clock.now()

    return this.#flights.size === 0 ? this.#begunAt + RETRANSMISSION : this.#allSilentFrom('held')
  }

  /** Returns when another answer is overdue: a packet may be lost. Infinity: never, because a flight has responded, or the sources were asked */
  furtherFrom (): number {
    return this.wereSourcesAsked ? Infinity : this.#allSilentFrom('further')
  }

  #allSilentFrom (call: RaceCall): number {
    let from = -Infinity

    // no array: the race asks at each of its turns
    for (const flight of this.#flights) {
      from = Math.max(from, this.#silentFrom(flight, call))
    }

    return from
  }

  /** Moves the candidates that have given way behind the others */
  withYieldedLast (candidates: readonly Candidate[]): readonly Candidate[] {
    const gaveWay = ({ id }: Candidate): boolean => this.#gaveWay.has(id)

    return this.#gaveWay.size === 0 ? candidates : [...candidates.filter(one => !gaveWay(one)), ...candidates.filter(gaveWay)]
  }

  /** Ends a silent flight: as failed after the silence of a last attempt, otherwise as cancelled, to be retried behind all others */
  #giveWay (flight: Flight & { startedAt: number }, now: number): void {
    const { candidate, startedAt } = flight

    if (now >= startedAt + this.#silenceOf(candidate, DELAY.max)) {
      flight.fail(new TimeoutError(`No response from ${candidate.id} after ${Math.round(now - startedAt)} ms, and another address waits for its slot`))
    } else {
      this.#gaveWay.add(candidate.id)
      flight.cancel(GAVE_WAY)
    }
  }

  /** Returns how long a flight may be silent while another waits. If one of the two has given way before, it is a last attempt */
  #patienceFor ({ candidate }: Flight, { candidate: other }: Flight): number {
    return this.#silenceOf(candidate, this.#gaveWay.has(candidate.id) || this.#gaveWay.has(other.id) ? DELAY.max : DELAY.usual)
  }

  /** Returns when a flight counts as silent. Infinity: it waits, or has responded */
  #silentFrom ({ candidate, startedAt = Infinity, firstResponseAt, markedAt = startedAt, isHeld }: Flight, call: RaceCall): number {
    const isFurther = call === 'further'

    if (isHeld || firstResponseAt != null) {
      return isHeld || isFurther ? Infinity : markedAt + RETRANSMISSION
    }

    if (isFurther && candidate.facts.isMute) {
      return startedAt + MUTE
    }

    const from = isFurther ? startedAt + RETRANSMISSION : startedAt
    const earliest = from + DELAY.usual

    // before then the estimate is not computed: most flights respond by then. One of a network that was measured once may be far too long
    return this.#dial.clock.now() < earliest ? earliest : from + Math.min(isFurther ? Infinity : RETRANSMISSION, this.#silenceOf(candidate, DELAY.usual))
  }

  /** Returns the milliseconds within which 49 of 50 first responses arrive, at least `least` */
  #silenceOf (candidate: Candidate, least: number): number {
    return Math.max(least, answerTime(this.#dial.node.history.estimate(candidate)))
  }
}
