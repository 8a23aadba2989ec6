import { TimeoutError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import type { Connection } from '@libp2p/interface'
import type { AttemptLayer, Candidate, DialHistory, Flight } from '../pipeline/types.ts'

/** RFC 8305, section 8: the Maximum Connection Attempt Delay, in milliseconds */
const MAXIMUM_DELAY = 2_000

/** An attempt that finds a slot free has it by then, in milliseconds */
const SLOT_DELAY = 10

/** An attempt of a race, also before it has a slot */
export interface Flying {
  readonly candidate: Candidate
  readonly requestedAt: number
  /** It waits for a slot that no other of the dial needs */
  isHeld: boolean
  /** Unknown while it waits for a slot */
  startedAt?: number
  firstResponseAt?: number
  /** When its transport said something last */
  markedAt?: number
  /** The relayed connection that WebRTC is negotiated over is open */
  hasRelay: boolean
  /** Ends it without an outcome */
  readonly cancel: AbortController
  /** Ends it with one: it has failed */
  readonly giveWay: AbortController
  /** Another has given way to it */
  hasWay: boolean
  /** The race that it belongs to. None: it is being handed over */
  owner?: FlightOwner
  hasEnded: boolean
  /** What it gave */
  connection?: Connection
}

/** Who is told of what becomes of an attempt */
export interface FlightOwner {
  started (at: number): void
  ended (flight: Flying, error?: Error): void
}

export function flying (candidate: Candidate, requestedAt: number, owner: FlightOwner): Flying {
  return { candidate, requestedAt, owner, isHeld: false, hasEnded: false, hasRelay: false, cancel: new AbortController(), giveWay: new AbortController(), hasWay: false }
}

export function hasStarted (flight: Flying): flight is Flying & Flight {
  return flight.startedAt != null
}

/** The attempt layer through which a flight gives way */
export function givesWay ({ giveWay }: Flying): AttemptLayer {
  return next => async (candidate, options) => {
    // clearable, because aborting the signal of an attempt that won would end its connection
    const signal = anySignal([options.signal, giveWay.signal])

    try {
      return await next(candidate, { ...options, signal })
    } finally {
      signal.clear()
    }
  }
}

/**
 * Where a flight waits for a slot, has the one that has been silent the longest give way, when its time has come. One for
 * each that waits: the slot that is missing may be another's, and who gives way gives no more than is asked for.
 *
 * Answers when the time will have come, undefined for never
 */
export function makeWay (flights: readonly Flying[], history: DialHistory, now: number): number | undefined {
  const waiting = flights.find(flight => !hasStarted(flight))

  if (waiting == null || waiting.hasWay || waiting.cancel.signal.aborted) {
    return
  }

  const silent = flights.filter(hasStarted).filter(({ firstResponseAt, giveWay }) => firstResponseAt == null && !giveWay.signal.aborted)
  const times = silent.map(({ candidate, startedAt }) => startedAt + patience(candidate, history))
  const first = Math.min(...times)
  const flight = silent[times.indexOf(first)]

  if (flight == null) {
    return
  }

  const at = Math.max(first, waiting.requestedAt + SLOT_DELAY)

  if (at > now) {
    return at
  }

  waiting.hasWay = true
  flight.giveWay.abort(new TimeoutError(`No response from ${flight.candidate.id} after ${Math.round(now - flight.startedAt)} ms, and another address waits for its slot`))
}

/** How long an attempt may be silent: where the first response takes many round trips, as long as 49 of 50 of them take */
function patience (candidate: Candidate, history: DialHistory): number {
  return Math.max(MAXIMUM_DELAY, answerTime(candidate, history))
}

/** The milliseconds within which 49 of 50 first responses come */
export function answerTime (candidate: Candidate, history: DialHistory): number {
  const { mu, sigma } = history.estimate(candidate).firstResponse

  return Math.exp(mu + 2 * sigma)
}
