import { listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { lowest } from '../pipeline/extremes.ts'
import { goRank } from './go-order.ts'
import type { GoRanked, GoRanking, GoSorted } from './go-order.ts'
import type { Candidate, RaceState, Stage } from '../pipeline/types.ts'

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
    let times = new GoTimes([])
    // as go-libp2p's NoDelayDialRanker, where both sides dial at the same moment
    const isSimultaneous = dial.options.initiator === false
    work.pace(race => isSimultaneous ? 0 : times.of(race))
    work.hold(race => isSimultaneous ? 0 : times.orderOf(race))

    return ({ candidates }) => {
      times = new GoTimes(candidates)

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
class GoTimes {
  readonly #delays: ReadonlyMap<string, number>
  readonly #batches: readonly number[]
  readonly #publicTcp: ReadonlySet<string>

  constructor (candidates: readonly Candidate[]) {
    const ranking = goRank(candidates)
    this.#delays = delaysOf(ranking)
    this.#batches = [...new Set(this.#delays.values())].toSorted((a, b) => a - b)
    this.#publicTcp = new Set(ranking.public.sorted.flatMap(({ candidate, traits }) => traits.transport === 'tcp' ? [candidate.id] : []))
  }

  of ({ untried, inFlight, outcomes }: RaceState): (candidate: Candidate) => number {
    const tried = [...inFlight, ...outcomes].toSorted((a, b) => b.startedAt - a.startedAt)
    const reached = tried[0] == null ? 0 : this.#delayOf(tried[0].candidate)
    const began = firstOfLatest(tried.filter(one => this.#delayOf(one.candidate) === reached).map(({ startedAt }) => startedAt))
    const held = inFlight.flatMap(flight => flight.firstResponseAt != null && this.#publicTcp.has(flight.candidate.id) ? [flight.firstResponseAt + HANDSHAKE_HOLD] : [])
    const nearest = lowest(untried.map(one => this.#delayOf(one)))
    const step = nearest - (this.#batches.findLast(batch => batch < nearest) ?? nearest)

    return candidate => {
      const delay = this.#delayOf(candidate)

      return delay === reached ? 0 : Math.max(began + step + delay - nearest, ...held)
    }
  }

  /**
   * With nothing in flight a pace has no say, and the lowest delay is still the first: go's worker has a heap of delays. These times are
   * long past: they give an order, and nobody waits for them
   */
  orderOf ({ untried, inFlight, startedAt }: RaceState): number | ((candidate: Candidate) => number) {
    if (inFlight.length > 0) {
      return 0
    }

    const nearest = lowest(untried.map(one => this.#delayOf(one)))
    const first = Math.max(0, startedAt - LONG_PAST)

    return candidate => first + this.#delayOf(candidate) - nearest
  }

  #delayOf ({ id }: Candidate): number {
    return this.#delays.get(id) ?? 0
  }
}

/** When the latest batch began. Newest first; what came late to a batch long begun is one of its own */
function firstOfLatest (starts: readonly number[]): number {
  return starts.reduce((first, start) => first - start <= WITHIN_BATCH ? start : first)
}
