import { scopeInWords } from '../address/scope-ranges.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { makeFilter } from '../pipeline/authoring/filter.ts'
import { isLocalHearsay } from './local-hearsay.ts'
import type { Verdict } from '../pipeline/authoring/filter.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

/**
 * Creates a filter that drops local addresses which only hearsay from the internet reports. Anyone can tell the DHT that a peer is at
 * 192.168.1.1. Private, loopback and link-local addresses count as local, and those that no host of the internet can have (multicast,
 * unspecified, reserved). An address is dropped if all of these hold:
 *
 * - Only sources of the trust level `hearsay` report it: `dht`, `pubsub`, `routing`, and those that `addressBook({ trust })` places there. Addresses that
 *   the caller, the configuration, the peer or a past connection reports stay.
 * - All reporters are known to be connected over the internet.
 * - This node is on the internet itself. In a private network all addresses stay.
 *
 * Below `resolve` and `lookup` the stage also judges what names resolve to. Unresolved names stay, except AutoTLS names of such an IP address.
 */
export function scope (): Stage<'candidates', 'candidates', 'scope'> {
  checkArguments('scope()', arguments)

  function judge (candidate: Candidate, dial: Dial): Verdict {
    const { surroundings } = dial.node

    // the cheaper check first
    if (!isLocalHearsay(candidate, dial) || surroundings?.isPublic !== true) {
      return true
    }

    const { provenance } = candidate
    const reporters = provenance.flatMap(({ reporter }) => reporter ?? [])
    // an unknown reporter may be a host of this network
    const isFromInternet = reporters.length > 0 && reporters.every(reporter => surroundings.wasPublic(reporter))

    return !isFromInternet || `${scopeInWords(candidate.facts.scope)}, from ${[...new Set(provenance.map(({ source }) => source))].join(', ')}`
  }

  return makeFilter('scope', judge, {}, (candidate, dial) => judge(candidate, dial) !== true)
}
