import { Bounded } from '../../pipeline/bounded.ts'
import { Outcomes } from '../statistics.ts'
import { LONG } from '../records.ts'
import { keyOf } from './shared-text.ts'
import type { CountsRow, SharedHistory } from './shared-text.ts'

/** The maximum number of addresses, and of peers, with observations of other members */
const MAX = 10_000

/** The maximum number of members whose observations are kept for one address or peer */
const MAX_MEMBERS = 4

/** The maximum number of observations of one member, so that no member outvotes the others */
const MAX_OF_MEMBER = 2

/** The maximum weight of all members together, as a number of own observations. The prior of an address, and of a peer being online, has the weight of two */
const MAX_WEIGHT = 2

/** Observations of a member that have decayed to a lower count are ignored */
const MIN_COUNT = 0.05

interface Contribution {
  readonly outcomes: Outcomes
  readonly date: number
}

export class Contributions {
  readonly #byMember = new Map<string, Contribution>()

  /**
   * Stores the observations of a member, if they are newer than those that they replace: its own or, of four other members, the oldest. Returns
   * whether anything has changed
   *
   * @param date the date of the observations
   */
  set (member: string, outcomes: Outcomes, date: number): boolean {
    const all = this.#byMember
    const [oldest] = all.has(member) || all.size < MAX_MEMBERS ? [member] : Array.from(all).toSorted(([, a], [, b]) => a.date - b.date)[0] as [string, Contribution]
    const isNewer = date > (all.get(oldest)?.date ?? -Infinity)

    if (isNewer) {
      all.delete(oldest)
      all.set(member, { outcomes, date })
    }

    return isNewer
  }

  /** Returns the mean of the Beta posterior, like `Outcomes.posterior()` */
  posterior (prior: number, strength: number, now: number): number {
    const counts = Array.from(this.#byMember.values(), ({ outcomes }) => outcomes.counts(now))
    const successes = counts.reduce((sum, one) => sum + one.successes, 0)
    const all = counts.reduce((sum, one) => sum + one.failures, successes)
    const kept = Math.min(1, MAX_WEIGHT / all)

    return all === 0 ? prior : (successes * kept + strength * prior) / (all * kept + strength)
  }
}

/**
 * The observations of the other members of a fleet. They are kept apart from those of this node: they are never exported again, never evict own records,
 * and are not stored
 */
export class FleetEvidence {
  readonly addresses = new Bounded<Contributions>(MAX)
  readonly peers = new Bounded<Contributions>(MAX)

  /**
   * Adds the observations of a member. Returns the number of peers with news
   *
   * @param now the time of the node's clock
   * @param date the current date: the clock may be behind it, because it stands still while the machine sleeps
   */
  merge ({ member, at, peers }: SharedHistory, now: number, date: number): number {
    const exportedAt = Math.min(at, date)

    const add = (records: Bounded<Contributions>, key: string, [successes, failures, age]: CountsRow): boolean => {
      const counted = Math.min(1, MAX_OF_MEMBER / (successes + failures))
      const outcomes = new Outcomes(LONG)
      outcomes.add(successes * counted, failures * counted, exportedAt - age - (date - now))
      const counts = outcomes.counts(now)

      return counts.successes + counts.failures >= MIN_COUNT && records.renew(key, () => new Contributions()).set(member, outcomes, exportedAt - age)
    }

    return peers.filter(([peer, online, addresses]) => {
      const news = addresses.map(([address, ...counts]) => add(this.addresses, keyOf(address, peer), counts))

      return [addresses.length > 0 && add(this.peers, peer, online), ...news].includes(true)
    }).length
  }
}
