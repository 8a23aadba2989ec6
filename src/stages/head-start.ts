import { answeredBy } from './odds.ts'
import type { Expectation, Odds, Pending } from './odds.ts'

/** The number of points in time at which a head start is evaluated */
const STEPS = 12

/**
 * The mean head start: how many milliseconds earlier a connection is established if the next attempt starts now instead of later, given that a
 * pending one connects. It assumes that the next attempt connects. It is the area under the probability that no pending one connects before the
 * next
 */
export class HeadStart {
  readonly #pending: readonly Pending[]
  readonly #next: Expectation
  /** Milliseconds after the start of the next attempt */
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

  /** Returns the head start for each wait if the next attempt starts at a time */
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

/** Returns the milliseconds in which half of the working addresses connect */
function medianOf ({ mu, ratio, overhead }: Expectation): number {
  return Math.exp(mu) * ratio + overhead
}

/** Returns the latest time at which an attempt connects, if it does */
function latestEnd ({ expected: { mu, sigma, ratio, overhead }, startedAt, firstResponseAt }: Pending): number {
  return startedAt + (firstResponseAt == null ? Math.exp(mu + 2 * sigma) : Math.max(0, firstResponseAt - startedAt)) * ratio + overhead
}

/** Returns the share of working addresses that have connected at an age */
function connectedAt (expected: Expectation, age: number): number {
  return answeredBy(expected, (age - expected.overhead) / expected.ratio)
}
