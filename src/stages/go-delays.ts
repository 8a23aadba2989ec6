import { listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { lowest } from '../pipeline/extremes.ts'
import { goRank, traitsOf } from './go-order.ts'
import type { GoRanking, GoSorted } from './go-order.ts'
import type { Candidate, RaceState, Rule, Stage } from '../pipeline/types.ts'

/** Constants of go-libp2p's dial_ranker.go, in milliseconds */
const PUBLIC = { quic: 250, tcp: 250, other: 1_000 }
const PRIVATE = { quic: 30, tcp: 30, other: 100 }
const RELAY_DELAY = 500
const HANDSHAKE_HOLD = 250

/** Milliseconds within which two starts belong to one batch: a race starts its candidates 10 ms apart */
const WITHIN_BATCH = 10

/** Milliseconds that are longer than any delay: such times before the start of the race order candidates, and hold none */
const LONG_PAST = 60_000

type Delays = typeof PUBLIC

/**
 * Creates a pace that applies the delays of go-libp2p's default ranker. QUIC comes first, then TCP, then the rest, in steps of 250 ms for public
 * addresses and 30 ms for private ones. Relayed addresses start 500 ms later if there are public ones. A public TCP address that has responded
 * delays the next one by 250 ms.
 *
 * Unlike in go-libp2p, a step counts from the previous start instead of the start of the dial. Late addresses then do not start in a burst, and
 * an early failure does not leave the dial waiting.
 */
export function goDelays (): Stage<'candidates', 'candidates', 'go-delays'> {
  checkArguments('goDelays()', arguments)

  return listStage('go-delays', (dial, work) => {
    let times = goTimes([])

    // like go-libp2p's NoDelayDialRanker, when both ends dial at the same time
    const isSimultaneous = dial.options.initiator === false
    work.pace(race => isSimultaneous ? 0 : times.pace(race))
    work.hold(race => isSimultaneous ? 0 : times.hold(race))

    return ({ candidates }) => {
      times = goTimes(candidates)

      return candidates
    }
  }, { role: 'pace', isPure: true })
}

/** Returns the delay of each candidate after the first one, in milliseconds, by id */
export function delaysOf (ranking: GoRanking): Map<string, number> {
  const delays = new Map<string, number>()
  let last: number | undefined

  function add ({ id }: Candidate, delay: number): void {
    delays.set(id, delay)
    last = delay
  }

  groupDelays(ranking.private, PRIVATE, 0, add)
  groupDelays(ranking.public, PUBLIC, 0, add)
  groupDelays(ranking.relay, PUBLIC, ranking.public.sorted.length > 0 ? RELAY_DELAY : 0, add)

  const rest = (last ?? 0) + PUBLIC.other
  ranking.rest.forEach(one => { add(one, rest) })

  return delays
}

function groupDelays ({ sorted, isQuicPaired, tcpStart, isTcpPaired }: GoSorted, { quic, tcp, other }: Delays, offset: number, add: (one: Candidate, delay: number) => void): void {
  let tcpFirst = 0
  let last = 0

  sorted.forEach((one, i) => {
    switch (traitsOf(one).transport) {
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

/** Returns the steps before an address: 0 for the first, 1 for the second, and for the rest 1, or 2 if the second has the other IP version */
function steps (i: number, isPaired: boolean): number {
  return i < 2 ? Math.max(0, i) : isPaired ? 2 : 1
}

/** Returns the timing rules for one list */
function goTimes (candidates: readonly Candidate[]): Record<'pace' | 'hold', (race: RaceState) => ReturnType<Rule>> {
  const ranking = goRank(candidates)
  const delays = delaysOf(ranking)
  const batches = [...new Set(delays.values())].toSorted((a, b) => a - b)
  const publicTcp = new Set(ranking.public.sorted.filter(one => traitsOf(one).transport === 'tcp').map(({ id }) => id))
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
    // without an attempt in flight no pace is asked, but the lowest delay must still go first, as in go-libp2p's heap of delays. These holds lie
    // in the past: they order the candidates, and delay none
    hold: ({ untried, inFlight, startedAt }) => {
      if (inFlight.length > 0) {
        return 0
      }

      const first = Math.max(0, startedAt - LONG_PAST) - lowest(untried.map(delayOf))

      return candidate => first + delayOf(candidate)
    }
  }
}

/** Returns when the latest batch began. `starts` is newest first. A start more than 10 ms after the previous one begins a batch */
function firstOfLatest (starts: readonly number[]): number {
  return starts.reduce((first, start) => first - start <= WITHIN_BATCH ? start : first)
}
