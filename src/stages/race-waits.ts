import { AbortError, TimeoutError } from '@libp2p/interface'
import { candidate } from '../pipeline/candidate.ts'
import { answerTime } from '../pipeline/dial-components.ts'
import { hasStarted } from './flight.ts'
import { formatAddresses } from '../pipeline/safe-text.ts'
import type { Flight } from './flight.ts'
import type { Flights } from './flights.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

// shared: creating an Error costs more than the rest of a cancellation
export const GAVE_WAY = new AbortError('Another address waited for the slot')

/** The Connection Attempt Delay and its Maximum of RFC 8305, section 8, in milliseconds */
const DELAY = { usual: 250, max: 2_000 }

/** Milliseconds after which TCP and QUIC retransmit a lost packet (RFC 6298, RFC 9002) */
const RETRANSMISSION = 1_000

/** Milliseconds after which an attempt counts as silent whose transport reports nothing before it has connected */
const MUTE = 5_000

/** Milliseconds within which an attempt gets its slot if one is free. After that, the attempt counts as waiting for a slot */
const SLOT_DELAY = 10

/** Milliseconds after which a provisional answer becomes the answer, at the latest */
const KEPT = 5_000

/** Returns the milliseconds within which 49 of 50 first responses arrive from such an address, at least `least` */
function silenceOf (candidate: Candidate, { node: { history } }: RaceDial, least: number): number {
  return Math.max(least, answerTime(history.estimate(candidate)))
}

/** The silent attempts of one race: decides when they give way to others, and when the race calls the stages above beside them */
export class SilentFlights {
  /** Whether the race has made the call `further`. It makes that call once */
  wereSourcesAsked = false
  #begunAt?: number
  readonly #dial: RaceDial
  readonly #flights: Flights
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

    if (waiting == null || waiting.hasWay || waiting.hasSlot || waiting.story.isInLayer === true) {
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

  /** Returns when the race calls `held`: all flights are silent. Without a flight the race waits for a stage above, and calls after a second */
  from (): number {
    this.#begunAt ??= this.#dial.clock.now()

    return this.#flights.size === 0 ? this.#begunAt + RETRANSMISSION : this.#allSilentFrom(false)
  }

  /** Returns when the race calls `further`: a retransmitted packet has no answer either. Infinity: a flight has responded, or the call was made */
  furtherFrom (): number {
    return this.wereSourcesAsked ? Infinity : this.#allSilentFrom(true)
  }

  #allSilentFrom (isFurther: boolean): number {
    let from = -Infinity

    // a loop without an array: the race calls this at each of its turns
    for (const flight of this.#flights) {
      from = Math.max(from, this.#silentFrom(flight, isFurther))
    }

    return from
  }

  /** Moves the candidates whose attempts have given way behind the others */
  withYieldedLast (candidates: readonly Candidate[]): readonly Candidate[] {
    const gaveWay = ({ id }: Candidate): boolean => this.#gaveWay.has(id)

    return this.#gaveWay.size === 0 ? candidates : [...candidates.filter(one => !gaveWay(one)), ...candidates.filter(gaveWay)]
  }

  /** Ends a silent flight: as failed after 2 s of silence, otherwise as cancelled, to be retried behind all others */
  #giveWay (flight: Flight & { startedAt: number }, now: number): void {
    const { candidate, startedAt } = flight

    if (now >= startedAt + silenceOf(candidate, this.#dial, DELAY.max)) {
      flight.fail(new TimeoutError(`No response from ${formatAddresses([candidate.id])} after ${Math.round(now - startedAt)} ms, and another address waits for its slot`))
    } else {
      this.#gaveWay.add(candidate.id)
      flight.cancel(GAVE_WAY)
    }
  }

  /** Returns the milliseconds that a flight may be silent while another waits. 2 s at least once one of the two has given way: they would take turns */
  #patienceFor ({ candidate }: Flight, { candidate: other }: Flight): number {
    return silenceOf(candidate, this.#dial, this.#gaveWay.has(candidate.id) || this.#gaveWay.has(other.id) ? DELAY.max : DELAY.usual)
  }

  /** Returns when a flight counts as silent. Infinity: it waits, or has responded */
  #silentFrom ({ candidate, startedAt = Infinity, firstResponseAt, markedAt = startedAt, isHeld }: Flight, isFurther: boolean): number {
    if (isHeld || firstResponseAt != null) {
      return isHeld || isFurther ? Infinity : markedAt + RETRANSMISSION
    }

    if (isFurther && candidate.facts.isMute) {
      return startedAt + MUTE
    }

    const from = isFurther ? startedAt + RETRANSMISSION : startedAt
    const earliest = from + DELAY.usual

    // until then the estimate is not computed: most flights respond by then. The cap is for networks that were measured once: their estimate may be far too long
    return this.#dial.clock.now() < earliest ? earliest : from + Math.min(isFurther ? Infinity : RETRANSMISSION, silenceOf(candidate, this.#dial, DELAY.usual))
  }
}

/**
 * A connection that answers the race unless a better one is established:
 *
 * - A limited one. A relay ends it after some data or time, and only callers who ask for that get streams on it.
 * - One that the peer itself has opened during the race. The race then starts no attempt, and cancels none that may connect: if both ends
 *   cancelled theirs, they would not be connected.
 */
export class ProvisionalAnswer {
  readonly #dial: RaceDial
  readonly #before: readonly Connection[]
  #kept?: Connection
  #keptAt = 0

  constructor (dial: RaceDial) {
    this.#dial = dial
    this.#before = this.#open
  }

  /** The kept connection. Undefined if there is none, or it has closed, or a stage below the race has refused it */
  get connection (): Connection | undefined {
    return this.#kept != null && this.#dial.isUsable(this.#kept) ? this.#kept : undefined
  }

  /** Whether the peer itself has opened the kept connection: all others that are kept are limited */
  get isOfPeer (): boolean {
    return this.#kept?.limits == null
  }

  /** Keeps a connection for the end of the dial if there is none yet. Discards any later one */
  keep (connection: Connection): void {
    if (this.connection != null) {
      this.#dial.discard(connection)
      return
    }

    this.#kept = connection
    this.#keptAt = this.#dial.clock.now()
    this.#dial.keepProvisional(connection)
  }

  /** Keeps a connection that no attempt of this race has made, if there is one: of another dial, of the peer itself, or of the signalling of WebRTC */
  look (candidates: readonly Candidate[], flights: Iterable<Flight>): void {
    const found = this.connection == null ? this.#open.find(one => one.limits == null ? this.#isByPeer(one) : this.#isAllowed(one, candidates, flights)) : undefined

    if (found != null) {
      this.keep(found)
    }
  }

  /** Returns whether an attempt may start. Another relayed connection would be no better */
  mayStart ({ facts }: Candidate): boolean {
    return this.connection == null || (!facts.isRelayed && !this.isOfPeer)
  }

  /** Returns when the kept connection becomes the answer: once no better one is untried, searched for, or in flight and not silent, or after 5 s */
  dueAt (untried: readonly Candidate[], flights: Iterable<Flight>, isComplete: boolean): number {
    const { isOfPeer } = this

    if (this.#dial.options.runOnLimitedConnection === true && !isOfPeer) {
      return -Infinity
    }

    const latest = this.#keptAt + KEPT
    const better = [...flights].filter(({ candidate }) => isOfPeer || !candidate.facts.isRelayed)

    return !isOfPeer && (!isComplete || untried.some(({ facts }) => !facts.isRelayed))
      ? latest
      : better.reduce((due, flight) => Math.min(latest, Math.max(due, this.#silentAt(flight))), -Infinity)
  }

  get #open (): Connection[] {
    const { target: { peerId }, options: { force } } = this.#dial

    return peerId == null || force === true ? [] : this.#dial.node.connectionManager.getConnections(peerId).filter(one => this.#dial.isUsable(one))
  }

  #mayAnswer (connection: Connection): boolean {
    return this.#dial.part.host.mayAnswer?.(connection) !== false
  }

  /** Returns whether the peer itself has opened a connection during the race, and not over a relay */
  #isByPeer (connection: Connection): boolean {
    return connection.direction === 'inbound' && connection.direct && !this.#before.includes(connection) && this.#mayAnswer(connection)
  }

  /** Returns whether a limited connection may answer. One of another dial may not if the filters of this dial dropped its address */
  #isAllowed (connection: Connection, candidates: readonly Candidate[], flights: Iterable<Flight>): boolean {
    const { id } = candidate(connection.remoteAddr, connection.remotePeer)

    // an attempt in flight passes its own connection to the race, which would discard it as the loser
    if ([...flights].some(one => one.candidate.id === id)) {
      return false
    }

    return ((connection.direction === 'inbound' || this.#before.includes(connection)) && this.#mayAnswer(connection)) || candidates.some(one => one.id.replace('/p2p-circuit/webrtc', '/p2p-circuit') === id)
  }

  /** Returns when an attempt counts as silent. Infinity: it has not started */
  #silentAt ({ candidate, startedAt, markedAt }: Flight): number {
    return (markedAt ?? startedAt ?? Infinity) + (markedAt == null && candidate.facts.isMute ? MUTE : silenceOf(candidate, this.#dial, RETRANSMISSION))
  }
}
