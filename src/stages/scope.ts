import { scopeInWords } from '../address/scope-ranges.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { makeFilter } from '../pipeline/authoring/filter.ts'
import { listOf } from '../pipeline/option-kinds.ts'
import { SOURCE_NAME } from '../pipeline/source-kinds.ts'
import { isLocalHearsay } from './local-hearsay.ts'
import type { Source } from '../pipeline/sources.ts'
import type { Verdict } from '../pipeline/authoring/filter.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

export interface ScopeInit {
  /**
   * Untrusted sources, which cannot know this machine and its network. Local addresses that only they report are dropped
   *
   * @default the sources of the trust level `hearsay`: `dht`, `pubsub`, `routing`, and those that `addressBook({ trust })` places there
   */
  untrustedSources?: readonly Source[]
}

/**
 * Creates a filter that drops local addresses which only untrusted sources on the internet report. Anyone can tell the DHT that a peer is at
 * 192.168.1.1. Private, loopback and link-local addresses count as local, and those that no host of the internet can have (multicast,
 * unspecified, reserved). An address is dropped if all of these hold:
 *
 * - Only untrusted sources report it. Addresses that the caller, the configuration, the peer or a past connection reports stay.
 * - All reporters are known to be connected over the internet.
 * - This node is on the internet itself. In a private network all addresses stay.
 *
 * Below `resolve` and `lookup` the stage also judges what names resolve to. Unresolved names stay, except AutoTLS names of such an IP address.
 *
 * @throws InvalidPipelineError for an unknown option, `untrustedSources` that are not an array, and a misspelt source
 */
export function scope (init: ScopeInit = {}): Stage<'candidates', 'candidates', 'scope'> {
  checkArguments('scope()', arguments, 1)
  checkOptions('scope()', init, { untrustedSources: listOf('sources', SOURCE_NAME) })
  const { untrustedSources } = init

  function judge (candidate: Candidate, { node: { addressBook, surroundings } }: Dial): Verdict {
    // the cheaper check first
    if (!isLocalHearsay(candidate, addressBook, untrustedSources) || surroundings?.isPublic !== true) {
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
