import { sharedPreference } from './preference.ts'
import type { ConnectionFacts } from '../pipeline/convergence.ts'

export interface ConnectionInfo<C> {
  readonly connection: C
  readonly facts: ConnectionFacts
  /** Time on the clock when the remote last answered a `SilenceCheck` */
  readonly answeredAt?: number
}

/**
 * Returns the one of a peer's connections that stays. Each end closes the other connections that it dialled itself
 *
 * When one end dialled all of them, that end decides alone, by its preference. Otherwise both ends must choose the same connection, so
 * only facts that both know count. Among connections that are equal in those facts, the preferred one stays.
 *
 * @param preferred the connection that this end prefers
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
