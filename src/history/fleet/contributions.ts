import type { Outcomes } from '../averages.ts'

/** Maximum number of members whose observations are kept for one address or peer */
const MAX_MEMBERS = 4

/**
 * Maximum weight of the observations of all members together, as a number of own observations. The prior of an address, and of a peer being online,
 * has the weight of two
 */
const MAX_WEIGHT = 2

/** The weighted observations of one member */
export interface Contribution {
  readonly member: string
  readonly outcomes: Outcomes
}

/** The observations of the members of a fleet for one address, or one peer */
export class Contributions {
  readonly #all: Contribution[] = []

  /** Replaces the observations of the member if the new ones are newer. Returns whether anything has changed */
  set (contribution: Contribution): boolean {
    const known = this.#all.findIndex(({ member }) => member === contribution.member)
    const oldest = this.#all.reduce((oldest, { outcomes }, i) => outcomes.at < (this.#all[oldest]?.outcomes.at ?? Infinity) ? i : oldest, 0)
    const at = known !== -1 ? known : this.#all.length < MAX_MEMBERS ? this.#all.length : oldest

    if (contribution.outcomes.at <= (this.#all[at]?.outcomes.at ?? -Infinity)) {
      return false
    }

    this.#all[at] = contribution
    return true
  }

  /** Returns the mean of the Beta posterior, like `Outcomes.posterior()` */
  posterior (prior: number, strength: number, now: number): number {
    let successes = 0
    let all = 0

    for (const { outcomes } of this.#all) {
      const counts = outcomes.counts(now)
      successes += counts.successes
      all += counts.successes + counts.failures
    }

    const kept = Math.min(1, MAX_WEIGHT / all)

    return all === 0 ? prior : (successes * kept + strength * prior) / (all * kept + strength)
  }
}
