import { makeRule } from '../pipeline/authoring/pace.ts'
import { makeRankBy } from '../pipeline/authoring/rank.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { isHearsay, namingReports } from '../pipeline/trust.ts'
import type { Scope } from '../address/scope-ranges.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

/** The maximum number of attempts of one dial in flight to local addresses that only untrusted sources report */
const AT_ONCE = 2

const INTERNET: ReadonlySet<Scope> = new Set(['public', 'name', 'none'])

/** Returns whether only untrusted sources report an address that no host of the internet can have: it may belong to any local host */
export function isLocalHearsay ({ facts, provenance }: Candidate, { node: { addressBook } }: Dial): boolean {
  if (INTERNET.has(facts.scope)) {
    return false
  }

  // if the book observes all writes, an address that only the peer store has lost its sources: they may have been untrusted
  const isUntrusted = (source: string): boolean => isHearsay(source, addressBook?.trust) || source === 'dns' || (source === 'peer-store' && addressBook?.isAttributed === true)

  return namingReports(provenance).every(({ source }) => isUntrusted(source))
}

/** Creates a ranker that puts local addresses last if only routers, the DHT or pubsub report them */
export function byLocalHearsay (): Stage<'candidates', 'candidates', 'by-local-hearsay'> {
  checkArguments('byLocalHearsay()', arguments)

  return makeRankBy('by-local-hearsay', (candidate, dial) => Number(isLocalHearsay(candidate, dial)), {}, isLocalHearsay)
}

/** Creates a hold that allows at most two attempts in flight to local addresses which only routers, the DHT or pubsub report */
export function localHearsayLater (): Stage<'candidates', 'candidates', 'local-hearsay-later'> {
  checkArguments('localHearsayLater()', arguments)

  return makeRule('hold', 'local-hearsay-later', ({ inFlight }, dial) => {
    const isFull = inFlight.filter(({ candidate }) => isLocalHearsay(candidate, dial)).length >= AT_ONCE

    return isFull ? candidate => isLocalHearsay(candidate, dial) ? Infinity : 0 : 0
  }, {}, isLocalHearsay)
}
