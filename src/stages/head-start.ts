import { answeredBy } from './odds.ts'
import type { Expectation, Odds, Pending } from './odds.ts'

/** At how many points of time a head start is added up */
const STEPS = 12

/**
 * How many milliseconds earlier there is a connection, in the mean, if the next starts now and not later, where one of those that are pending
 * connects. The next is taken to be alive: it is the area under the probability that none of the others has connected by the time that it does
 */
export class HeadStart {
  readonly #pending: readonly Pending[]
  readonly #next: Expectation
  /** Milliseconds after the start of the next */
  readonly #times: number[] = []
  /** For each of the waits: by how much likelier the next has connected at each of the times, times how long that stands for */
  readonly #weights: number[][]

  /**
   * @param at when it is asked first
   * @param waits how much later the next may start
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

  /** Returns it for each of the waits, if the next starts at a time */
  at (at: number, { none, each }: Odds): number[] {
    const open = this.#times.map(() => 1)

    this.#pending.forEach((pending, k) => {
      const alive = 1 - (each[k] ?? 0)
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
        open[i] = (open[i] ?? 0) * (1 - alive * connected)
      })
    })

    return this.#weights.map(weights => weights.reduce((area, weight, i) => area + Math.max(0, (open[i] ?? 0) - none) * weight, 0))
  }
}

/** Whether one that started earlier connects earlier, if it connects: at one site round trips are alike, and the one that needs fewer is faster */
function isAhead (earlier: Expectation, later: Expectation): boolean {
  return earlier.site != null && earlier.site === later.site && medianOf(earlier) <= medianOf(later)
}

/** Milliseconds in which half of those alive connect */
function medianOf ({ mu, ratio, overhead }: Expectation): number {
  return Math.exp(mu) * ratio + overhead
}

/** When it has connected at the latest, if it does */
function latestEnd ({ expected: { mu, sigma, ratio, overhead }, startedAt, firstResponseAt }: Pending): number {
  return startedAt + (firstResponseAt == null ? Math.exp(mu + 2 * sigma) : Math.max(0, firstResponseAt - startedAt)) * ratio + overhead
}

/** The share of those alive that have connected at an age */
function connectedAt (expected: Expectation, age: number): number {
  return answeredBy(expected, (age - expected.overhead) / expected.ratio)
}
