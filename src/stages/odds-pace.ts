import { listStage, memoise } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { FINITE_MILLISECONDS } from '../pipeline/option-kinds.ts'
import { DELAY, HANDSHAKE_PRICE, expectation, handshakeEnd, heardWithin, oddsAt, validAfter, waitFor, answeredBy } from './odds.ts'
import type { Expectation, Pending, Odds } from './odds.ts'
import type { Candidate, Flight, Stage } from '../pipeline/types.ts'

/**
 * The default: milliseconds of waiting that one dial is worth. Redundancy pays if it saves more than 10 ms for each KB that it sends (Vulimiri et
 * al., Low Latency via Redundancy, CoNEXT 2013). A whole dial takes 2.8 KB (28 ms) over TCP and 4.7 KB (47 ms) over QUIC. An unanswered SYN
 * takes 0.06 to 0.4 KB.
 */
export const COST_PER_DIAL = 30

export interface OddsPaceInit {
  /**
   * Milliseconds of waiting that one dial is worth. A higher value starts attempts later. `frugal()` takes 100, `aggressive()` 10
   *
   * @default 30
   */
  costPerDial?: number | undefined
}

/**
 * Creates a pace that compares the cost of waiting with that of another dial, by the history of each address. The next attempt starts as soon as
 * it is likely enough that all in flight are dead, or that it would be faster. Likely answers get time, likely dead addresses are dialled in
 * parallel, and relayed addresses, which cost more, wait longer. After a first response, the handshake gets time. Without delays when both ends
 * dial at the same time, as DCUtR does (`initiator: false`).
 *
 * @throws InvalidPipelineError for an unknown option, and a `costPerDial` that is not a finite number of milliseconds
 */
export function oddsPace (init: OddsPaceInit = {}): Stage<'candidates', 'candidates', 'odds-pace'> {
  checkArguments('oddsPace()', arguments, 1)
  checkOptions('oddsPace()', init, { costPerDial: FINITE_MILLISECONDS })
  const { costPerDial = COST_PER_DIAL } = init

  return listStage('odds-pace', (dial, work) => {
    const expected = memoise(candidate => expectation(dial.part.memory.estimateOf(candidate, dial.node.history), candidate.facts))
    // the result of the latest call, reused by more than half of the calls: nothing has changed since
    let last: { next?: Candidate, pending: readonly Flight[], failed: number, startAt: number } = { pending: [], failed: 0, startAt: 0 }

    work.pace(({ untried: [next], inFlight, outcomes }) => {
      if (next == null || dial.options.initiator === false) {
        return 0
      }

      // compared by identity: a flight is the same object until something changes
      if (next !== last.next || outcomes.length !== last.failed || inFlight.length !== last.pending.length || inFlight.some((flight, i) => flight !== last.pending[i])) {
        const pending = inFlight.map(flight => ({ ...flight, expected: expected(flight.candidate) }))
        last = { next, pending: inFlight, failed: outcomes.length, startAt: nextStartAt(pending, expected(next), costPerDial, outcomes.length) }
      }

      return last.startAt
    })

    return ({ candidates }) => candidates
  }, { role: 'pace', isPure: true })
}

/** A start now is compared with a start later: after these shares of the time until silence proves the pending attempts dead */
const LATER = [0.25, 1]

/** The first step of the search for the start time, in milliseconds, and the precision of the search as a share of that time */
const FIRST_STEP = 32
const PRECISION = 0.03

/** The latest start that the search tries, in milliseconds after the newest pending attempt. The next attempt starts then in any case */
const LATEST = 60_000

/**
 * Returns when the next attempt may start: the first time at which waiting costs more than it saves, rounded up to whole milliseconds,
 *
 *     P(the next is alive) x (P(all pending are dead) x wait + head start)  >=  price x P(a pending one responds within the wait)
 *
 * The function evaluates two waits: the time until silence proves the pending ones dead, and a quarter of it, in which about half of the answers from a new network
 * arrive. The head start is how much faster the next attempt would be if a pending one is alive. Whether the peer is online does not matter: that
 * probability is on both sides.
 *
 * @param failed the number of failed attempts in the dial
 */
export function nextStartAt (pending: readonly Pending[], next: Expectation, costPerDial: number, failed = 0): number {
  const wait = Math.max(...pending.map(waitFor))
  const newest = Math.max(...pending.map(({ startedAt }) => startedAt))
  // the search begins when the newest response was known
  const from = Math.ceil(Math.max(0, ...pending.map(({ firstResponseAt = -Infinity }) => firstResponseAt - newest)))
  const latest = Math.min(LATEST, Math.ceil(Math.max(from, DELAY.max, ...pending.map(one => handshakeEnd(one) - newest))))
  const headStart = new HeadStart(pending, next, newest + from, LATER.map(share => share * wait))

  const isDue = (after: number): boolean => {
    const at = newest + after
    const odds = oddsAt(pending, at, failed)
    const valid = validAfter(next, odds.failures)
    const price = costPerDial * (next.price + HANDSHAKE_PRICE * valid)
    const saved = LATER.map(share => price * heardWithin(pending, at, odds, share * wait) - valid * odds.none * share * wait)

    return saved.every(saved => saved <= 0) || headStart.at(at, odds).every((gain, i) => valid * gain >= (saved[i] as number))
  }

  return newest + firstDue(isDue, from, latest)
}

/**
 * Returns the first time for which `isDue` is true, within 3 %. Bisects: the longer the silence, the more likely the pending ones are dead or slow
 *
 * @param latest is due in any case
 */
function firstDue (isDue: (after: number) => boolean, from: number, latest: number): number {
  if (isDue(from)) {
    return from
  }

  let early = from
  let due = Math.min(latest, from + FIRST_STEP)

  while (due < latest && !isDue(due)) {
    early = due
    due = Math.min(latest, from + 2 * (due - from))
  }

  while (due - early > Math.max(1, due * PRECISION)) {
    const between = Math.floor((early + due) / 2)

    if (isDue(between)) {
      due = between
    } else {
      early = between
    }
  }

  return due
}

/** The number of points in time over which a head start is summed up */
const STEPS = 12

/**
 * The mean head start: how many milliseconds earlier a connection is established if the next attempt starts now instead of later, given that a
 * pending one connects. The computation assumes that the next attempt connects. The head start is the area under the probability that no pending one connects before the
 * next
 */
export class HeadStart {
  readonly #pending: readonly Pending[]
  readonly #next: Expectation
  /** The points in time, in milliseconds after the start of the next attempt */
  readonly #times: number[] = []
  /** For each wait and time: the additional probability that the next attempt has connected, multiplied by the length of the time step */
  readonly #weights: number[][]

  /**
   * @param at the time of the first evaluation
   * @param waits how much later the next attempt may start instead, in milliseconds
   */
  constructor (pending: readonly Pending[], next: Expectation, at: number, waits: readonly number[]) {
    this.#pending = pending
    this.#next = next
    this.#weights = waits.map(() => [])
    const from = Math.exp(next.mu - 2 * next.sigma) * next.ratio + next.overhead
    const until = Math.max(...pending.map(one => latestEnd(one) - at))

    if (!(from > 0) || until <= from) {
      return
    }

    const step = (until / from) ** (1 / STEPS)
    const width = Math.sqrt(step) - 1 / Math.sqrt(step)

    for (let i = 0, time = from * Math.sqrt(step); i < STEPS; i++, time *= step) {
      const connects = connectedAt(next, time)
      this.#times.push(time)
      waits.forEach((wait, k) => this.#weights[k]?.push((connects - connectedAt(next, time - wait)) * time * width))
    }
  }

  at (at: number, { none, each }: Odds): number[] {
    const open = this.#times.map(() => 1)

    this.#pending.forEach((pending, k) => {
      const alive = 1 - (each[k] as number)
      const { expected, startedAt, firstResponseAt } = pending

      if (isAhead(expected, this.#next)) {
        open.forEach((one, i) => { open[i] = one * (1 - alive) })
        return
      }

      const before = firstResponseAt == null ? answeredBy(expected, at - startedAt) : 0

      this.#times.forEach((time, i) => {
        const connected = firstResponseAt != null
          ? Number(at + time >= latestEnd(pending))
          : before >= 1 ? 1 : Math.max(0, (connectedAt(expected, at + time - startedAt) - before) / (1 - before))
        open[i] = (open[i] as number) * (1 - alive * connected)
      })
    })

    return this.#weights.map(weights => weights.reduce((area, weight, i) => area + Math.max(0, (open[i] as number) - none) * weight, 0))
  }
}

/** Returns whether an earlier attempt connects before a later one: round trips to one site are alike, and fewer round trips are faster */
function isAhead (earlier: Expectation, later: Expectation): boolean {
  return earlier.site != null && earlier.site === later.site && medianOf(earlier) <= medianOf(later)
}

/** Returns the milliseconds in which half of the working addresses with these figures connect */
function medianOf ({ mu, ratio, overhead }: Expectation): number {
  return Math.exp(mu) * ratio + overhead
}

/** Returns when a pending attempt has connected if it does: in 98 % of the cases, or, after a first response, on average */
function latestEnd ({ expected: { mu, sigma, ratio, overhead }, startedAt, firstResponseAt }: Pending): number {
  return startedAt + (firstResponseAt == null ? Math.exp(mu + 2 * sigma) : Math.max(0, firstResponseAt - startedAt)) * ratio + overhead
}

/** Returns the share of working addresses that connect within `age` milliseconds of their start */
function connectedAt (expected: Expectation, age: number): number {
  return answeredBy(expected, (age - expected.overhead) / expected.ratio)
}
