import type { Outcomes } from '../averages.ts'

/** How many members are remembered for each address and peer */
const MAX_MEMBERS = 4

/**
 * As how many own observations all members together count, at most: one own observation outweighs them. The prior of an address, and
 * of whether a peer is online, counts as much as two
 */
const MAX_WEIGHT = 2

/** What one member has observed. Its counts are weighted already */
export interface Contribution {
  readonly member: string
  readonly outcomes: Outcomes
}

/** What the members of a fleet have observed of one address, or of one peer */
export class Contributions {
  readonly #all: Contribution[] = []

  /** Replaces what the member said before, unless that is as new. Returns whether anything has changed */
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

  /** The mean of the Beta posterior, as `Outcomes.posterior` returns it */
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
