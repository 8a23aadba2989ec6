import { listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { lowest } from '../pipeline/extremes.ts'
import { goRank } from './go-order.ts'
import type { GoRanked, GoRanking, GoSorted } from './go-order.ts'
import type { Candidate, RaceState, Rule, Stage } from '../pipeline/types.ts'

/** go-libp2p's constants, in milliseconds (dial_ranker.go) */
const PUBLIC = { quic: 250, tcp: 250, other: 1_000 }
const PRIVATE = { quic: 30, tcp: 30, other: 100 }
const RELAY_DELAY = 500
const HANDSHAKE_HOLD = 250

/** A race starts what may start together 10 ms apart */
const WITHIN_BATCH = 10

/** Milliseconds before the race began, and more than any delay */
const LONG_PAST = 60_000

type Delays = typeof PUBLIC

/**
 * The times of go-libp2p's default ranker: QUIC first, then TCP, then the rest, in steps of 250 ms for public addresses and
 * 30 ms for private ones; relayed addresses 500 ms later where there are public ones. A public TCP address that has
 * answered holds the next back for 250 ms. Unlike go's, a step counts from the start of the one before and not from that of
 * the dial: what comes late does not start in a burst, and after an early failure the rest does not wait for the clock.
 */
export function goDelays (): Stage<'candidates', 'candidates', 'go-delays'> {
  checkArguments('goDelays()', arguments)

  return listStage('go-delays', (dial, work) => {
    let times = goTimes([])

    // as go-libp2p's NoDelayDialRanker, where both sides dial at the same moment
    const isSimultaneous = dial.options.initiator === false
    work.pace(race => isSimultaneous ? 0 : times.pace(race))
    work.hold(race => isSimultaneous ? 0 : times.hold(race))

    return ({ candidates }) => {
      times = goTimes(candidates)

      return candidates
    }
  }, { role: 'pace', isPure: true })
}

/** How many milliseconds after the first each is to start */
export function delaysOf (ranking: GoRanking): Map<string, number> {
  const delays = new Map<string, number>()
  let last: number | undefined

  function add ({ candidate }: GoRanked, delay: number): void {
    delays.set(candidate.id, delay)
    last = delay
  }

  groupDelays(ranking.private, PRIVATE, 0, add)
  groupDelays(ranking.public, PUBLIC, 0, add)
  groupDelays(ranking.relay, PUBLIC, ranking.public.sorted.length > 0 ? RELAY_DELAY : 0, add)

  const rest = (last ?? 0) + PUBLIC.other
  ranking.rest.forEach(one => { add(one, rest) })

  return delays
}

function groupDelays ({ sorted, isQuicPaired, tcpStart, isTcpPaired }: GoSorted, { quic, tcp, other }: Delays, offset: number, add: (one: GoRanked, delay: number) => void): void {
  let tcpFirst = 0
  let last = 0

  sorted.forEach((one, i) => {
    switch (one.traits.transport) {
      case 'quic':
        last = steps(i, isQuicPaired) * quic
        tcpFirst = last + tcp
        break
      case 'tcp':
        last = tcpFirst + steps(i - tcpStart, isTcpPaired) * tcp
        break
      case 'other':
        add(one, offset + last + other)
        return
    }

    add(one, offset + last)
  })
}

/** The first at once, the second a step later, all others together: with it, or after one more where the second was of the other IP version */
function steps (i: number, isPaired: boolean): number {
  return i < 2 ? Math.max(0, i) : isPaired ? 2 : 1
}

/** The times of one list */
function goTimes (candidates: readonly Candidate[]): Record<'pace' | 'hold', (race: RaceState) => ReturnType<Rule>> {
  const ranking = goRank(candidates)
  const delays = delaysOf(ranking)
  const batches = [...new Set(delays.values())].toSorted((a, b) => a - b)
  const publicTcp = new Set(ranking.public.sorted.flatMap(({ candidate, traits }) => traits.transport === 'tcp' ? [candidate.id] : []))
  const delayOf = ({ id }: Candidate): number => delays.get(id) ?? 0

  return {
    pace: ({ untried, inFlight, outcomes }) => {
      const tried = [...inFlight, ...outcomes].toSorted((a, b) => b.startedAt - a.startedAt)
      const reached = tried[0] == null ? 0 : delayOf(tried[0].candidate)
      const began = firstOfLatest(tried.filter(one => delayOf(one.candidate) === reached).map(({ startedAt }) => startedAt))
      const held = inFlight.flatMap(flight => flight.firstResponseAt != null && publicTcp.has(flight.candidate.id) ? [flight.firstResponseAt + HANDSHAKE_HOLD] : [])
      const nearest = lowest(untried.map(delayOf))
      const step = nearest - (batches.findLast(batch => batch < nearest) ?? nearest)

      return candidate => {
        const delay = delayOf(candidate)

        return delay === reached ? 0 : Math.max(began + step + delay - nearest, ...held)
      }
    },
    // with nothing in flight a pace has no say, and the lowest delay is still the first: go's worker has a heap of delays. These times are
    // long past: they give an order, and nobody waits for them
    hold: ({ untried, inFlight, startedAt }) => {
      if (inFlight.length > 0) {
        return 0
      }

      const first = Math.max(0, startedAt - LONG_PAST) - lowest(untried.map(delayOf))

      return candidate => first + delayOf(candidate)
    }
  }
}

/** When the latest batch began. Newest first; what came late to a batch long begun is one of its own */
function firstOfLatest (starts: readonly number[]): number {
  return starts.reduce((first, start) => first - start <= WITHIN_BATCH ? start : first)
}
