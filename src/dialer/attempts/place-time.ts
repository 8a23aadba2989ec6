import type { Clock } from '../../pipeline/clock.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'

/** Milliseconds: RFC 8305's Connection Attempt Delay, and its Maximum */
const TIME = { min: 250, max: 2_000 }

/** Milliseconds that an attempt keeps its place while others wait: as long as 49 of 50 first responses take by what the node knows */
export function placeTimeOf (candidate: Candidate, { history }: Pick<DialComponents, 'history'>): number {
  const { mu, sigma } = history.estimate(candidate).firstResponse

  return Math.min(TIME.max, Math.max(TIME.min, Math.ceil(Math.exp(mu + 2 * sigma))))
}

/** The time for which an attempt keeps its place. Hosts that are off would hold up those that are on, and so would attempts that do not begin */
export class PlaceTime {
  isOver = false
  readonly #clock: Clock
  readonly #onOver: () => void
  #cancel?: () => void

  constructor (clock: Clock, onOver: () => void) {
    this.#clock = clock
    this.#onOver = onOver
  }

  /** Begins anew where it had begun */
  begin (ms: number): void {
    this.end()
    this.isOver = false
    this.#cancel = this.#clock.setTimeout(() => {
      this.isOver = true
      this.#onOver()
    }, ms)
  }

  end (): void {
    this.#cancel?.()
  }
}
