import { TimeoutError } from '@libp2p/interface'
import { answerTime } from '../pipeline/dial-components.ts'
import { hasStarted } from './flight.ts'
import type { Flight } from './flight.ts'
import type { Candidate, DialHistory } from '../pipeline/types.ts'

/** RFC 8305, section 8: the Maximum Connection Attempt Delay, in milliseconds */
const MAXIMUM_DELAY = 2_000

/** An attempt that finds a slot free has it by then, in milliseconds */
const SLOT_DELAY = 10

/**
 * Where a flight waits for a slot, has the one that has been silent the longest give way, when its time has come. One for
 * each that waits: the slot that is missing may be another's, and who gives way gives no more than is asked for.
 *
 * Answers when the time will have come, undefined for never
 */
export function makeWay (flights: readonly Flight[], history: DialHistory, now: number): number | undefined {
  const waiting = flights.find(flight => !hasStarted(flight))

  if (waiting == null || waiting.hasWay) {
    return
  }

  const silent = flights.filter(hasStarted).filter(({ firstResponseAt }) => firstResponseAt == null)
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
  flight.fail(new TimeoutError(`No response from ${flight.candidate.id} after ${Math.round(now - flight.startedAt)} ms, and another address waits for its slot`))
}

/** How long an attempt may be silent: where the first response takes many round trips, as long as 49 of 50 of them take */
function patience (candidate: Candidate, history: DialHistory): number {
  return Math.max(MAXIMUM_DELAY, answerTime(history.estimate(candidate)))
}
