import { sharedPreference } from './preference.ts'
import type { ConnectionFacts } from '../pipeline/convergence.ts'

export interface ConnectionInfo<C> {
  readonly connection: C
  readonly facts: ConnectionFacts
}

/**
 * The one of a peer's connections that stays; each end closes those of the rest that it dialled itself.
 *
 * Where one end dialled all of them, that is the one it prefers: nobody else closes any. Otherwise both ends have to say the
 * same, and so nothing counts but what both know. Of those that do not differ in that, it is the one that is preferred.
 *
 * @param preferred - the one that this end prefers
 */
export function keeperOf<C> (all: ReadonlyArray<ConnectionInfo<C>>, preferred: C): C {
  const [first] = all

  if (first == null || all.every(({ facts }) => facts.initiator === first.facts.initiator)) {
    return preferred
  }

  const best = all.reduce((best, one) => sharedPreference(one.facts, best.facts) < 0 ? one : best)
  const isPreferredAsGood = all.some(({ connection, facts }) => connection === preferred && sharedPreference(facts, best.facts) === 0)

  return isPreferredAsGood ? preferred : best.connection
}
