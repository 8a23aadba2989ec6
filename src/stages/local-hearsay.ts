import { ruling } from '../pipeline/authoring/pace.ts'
import { rankingBy } from '../pipeline/authoring/rank.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { namedBy } from '../pipeline/named-by.ts'
import { isHearsay } from '../pipeline/trust.ts'
import type { Scope } from '../address/scope-ranges.ts'
import type { Candidate, Dial, DialAddressBook, Stage } from '../pipeline/types.ts'

/** How many addresses are in flight at once that only strangers name, and that no host of the internet has */
const AT_ONCE = 2

const INTERNET: ReadonlySet<Scope> = new Set(['public', 'name', 'none'])

/** Whether only strangers name an address, and no host of the internet has it: nobody stands for it, and it may be anybody's */
export function isLocalHearsay ({ facts, provenance }: Candidate, addressBook?: DialAddressBook, strangers?: readonly string[]): boolean {
  if (INTERNET.has(facts.scope)) {
    return false
  }

  // where the book is told who writes to the peer store, who said what only that still has may have been a stranger
  const isStranger = (source: string): boolean => (strangers?.includes(source) ?? isHearsay(source, addressBook?.trust)) || source === 'dns' || (source === 'peer-store' && addressBook?.isAttributed === true)

  return namedBy(provenance).every(({ source }) => isStranger(source))
}

function isDoubtful (candidate: Candidate, { node: { addressBook } }: Dial): boolean {
  return isLocalHearsay(candidate, addressBook)
}

/** A ranker that puts addresses last which only routers, the DHT or pubsub name, and which no host of the internet has */
export function byLocalHearsay (): Stage<'candidates', 'candidates', 'by-local-hearsay'> {
  checkArguments('byLocalHearsay()', arguments)

  return rankingBy('by-local-hearsay', (candidate, dial) => Number(isDoubtful(candidate, dial)), {}, isDoubtful)
}

/** A hold that has at most two of those addresses in flight at once */
export function localHearsayLater (): Stage<'candidates', 'candidates', 'local-hearsay-later'> {
  checkArguments('localHearsayLater()', arguments)

  return ruling('hold', 'local-hearsay-later', ({ inFlight }, dial) => {
    const isFull = inFlight.filter(({ candidate }) => isDoubtful(candidate, dial)).length >= AT_ONCE

    return isFull ? candidate => isDoubtful(candidate, dial) ? Infinity : 0 : 0
  }, {}, isDoubtful)
}
