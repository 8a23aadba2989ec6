import { Starts } from '../../src/pipeline/runtime/rules.ts'
import type { StageRule } from '../../src/pipeline/runtime/rules.ts'
import type { Candidate, Flight } from '../../src/pipeline/types.ts'

/** What an address does when it is dialled, in milliseconds after that */
export interface Fate {
  readonly connects: boolean
  /** Undefined: it is silent until the attempt's time is over */
  readonly ends?: number
  readonly firstResponse?: number
}

export interface SimulationInit {
  readonly candidates: readonly Candidate[]
  /** Of each candidate */
  readonly fates: readonly Fate[]
  readonly rules: readonly StageRule[]
  /**
   * Milliseconds between two attempts, a refusal aside
   *
   * @default 10
   */
  readonly floor?: number
}

export interface Simulation {
  /** When it connected, in milliseconds; the dial's timeout where it did not */
  readonly time: number
  readonly connected: boolean
  /** When each attempt began */
  readonly starts: readonly number[]
}

const ATTEMPT_TIMEOUT = 6_000
const DIAL_TIMEOUT = 10_000

interface Running extends Flight {
  readonly connects: boolean
  readonly endsAt: number
  readonly respondsAt: number
  firstResponseAt?: number
}

/** A race without all that makes one take milliseconds: the same starts at the same times, so a test says */
export function simulate ({ candidates, fates, rules, floor = 10 }: SimulationInit): Simulation {
  const untried = [...candidates]
  const starts: number[] = []
  let inFlight: Running[] = []
  let hasFailed = false
  let now = 0
  const chooser = new Starts({ outcomes: [], clock: { now: () => now, setTimeout: () => () => {} } }, rules)

  /** Starts whatever may start now; answers when the next may */
  function start (): number {
    while (untried.length > 0) {
      const isIdle = inFlight.length === 0
      const { [0]: firstStart = Infinity, [starts.length - 1]: lastStart = -Infinity } = starts
      const { candidate, at } = chooser.next([...untried], [...inFlight], { firstStart, lastStart }, { complete: true, now })
      const earliest = isIdle ? now : Math.max(at, hasFailed ? now : lastStart + floor)

      if (earliest > now) {
        return earliest
      }

      const { connects, ends = ATTEMPT_TIMEOUT, firstResponse = Infinity } = fates[candidates.indexOf(candidate)] as Fate
      inFlight.push({ candidate, connects, startedAt: now, endsAt: now + ends, respondsAt: now + firstResponse })
      untried.splice(untried.indexOf(candidate), 1)
      starts.push(now)
      hasFailed = false
    }

    return Infinity
  }

  while (true) {
    const next = start()
    now = Math.min(next, ...inFlight.map(({ endsAt, respondsAt, firstResponseAt }) => firstResponseAt == null ? Math.min(endsAt, respondsAt) : endsAt))

    if (now >= DIAL_TIMEOUT) {
      return { time: DIAL_TIMEOUT, connected: false, starts }
    }

    if (inFlight.some(({ connects, endsAt }) => connects && endsAt <= now)) {
      return { time: now, connected: true, starts }
    }

    inFlight.filter(({ respondsAt }) => respondsAt <= now).forEach(flight => { flight.firstResponseAt = flight.respondsAt })
    hasFailed ||= inFlight.some(({ endsAt }) => endsAt <= now)
    inFlight = inFlight.filter(({ endsAt }) => endsAt > now)
  }
}
