import { Bounded } from '../../pipeline/bounded.ts'
import { Outcomes } from '../averages.ts'
import { LONG } from '../records.ts'
import { Contributions } from './contributions.ts'
import { isShared } from './shared-address.ts'
import { keyOf } from './shared-text.ts'
import type { SharedCounts, SharedHistory } from './shared-text.ts'

/** How many are kept of each */
const MAX = 10_000

/** As how many observations one member counts, at most, before its weight: so that no member can outvote the others */
const MAX_OF_MEMBER = 2

/** What counts less says nothing */
const MIN_COUNT = 0.05

export interface MergeInit {
  readonly now: number
  /** As how much of an own observation each observation counts */
  readonly weight: number
  /** Whether private addresses are taken too */
  readonly private: boolean
}

/**
 * What the other members of a fleet have learnt: kept apart from what this node has learnt itself, so that it is never exported again,
 * and never evicts an own record. The datastore of the node does not have it
 */
export class FleetEvidence {
  readonly addresses = new Bounded<Contributions>(MAX)
  readonly peers = new Bounded<Contributions>(MAX)

  /** Takes what a member has learnt. Returns of how many peers that is news */
  merge ({ member, at, peers }: SharedHistory, { now, weight, private: isPrivate }: MergeInit): number {
    const exportedAt = Math.min(at, now)

    const add = (records: Bounded<Contributions>, key: string, counts: SharedCounts): boolean => {
      const outcomes = weighted(counts, weight, exportedAt)
      const { successes, failures } = outcomes.counts(now)

      return successes + failures >= MIN_COUNT && records.renew(key, newContributions).set({ member, outcomes })
    }

    return peers.filter(({ peer, online, addresses }) => {
      const shared = addresses.filter(({ facts }) => isShared(facts, isPrivate))
      const news = shared.map(one => add(this.addresses, keyOf(one.address, peer), one))

      return [shared.length > 0 && add(this.peers, peer, online), ...news].includes(true)
    }).length
  }
}

function weighted ({ successes, failures, age }: SharedCounts, weight: number, exportedAt: number): Outcomes {
  const counted = weight * Math.min(1, MAX_OF_MEMBER / (successes + failures))
  const outcomes = new Outcomes(LONG)
  outcomes.add(successes * counted, failures * counted, exportedAt - age)

  return outcomes
}

const newContributions = (): Contributions => new Contributions()
