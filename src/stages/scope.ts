import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { filtering } from '../pipeline/authoring/filter.ts'
import { listOf } from '../pipeline/option-kinds.ts'
import { SOURCE_NAME } from '../pipeline/source-kinds.ts'
import { isLocalHearsay } from './local-hearsay.ts'
import type { Scope } from '../address/scope-ranges.ts'
import type { Source } from '../pipeline/sources.ts'
import type { Verdict } from '../pipeline/authoring/filter.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'

export interface ScopeInit {
  /**
   * Sources that know nothing of this machine and its network. An address of either that only they name is not dialled
   *
   * @default the sources of the level `hearsay`: `dht`, `pubsub`, `routing`, and those that `addressBook({ trust })` places there
   */
  strangers?: readonly Source[]
}

const NAMES: Partial<Record<Scope, string>> = {
  private: 'a private',
  'link-local': 'a link-local',
  loopback: 'a loopback',
  unspecified: 'an unspecified',
  multicast: 'a multicast',
  reserved: 'a reserved'
}

/**
 * Drops addresses of this machine or its network, and those that no peer of the internet can have (multicast, unspecified,
 * reserved), where only strangers name them who are connected over the internet, and this node is on the internet itself: anybody
 * can tell the DHT that a peer is at 192.168.1.1. In a private network all stay, and so does what the caller, the configuration,
 * the peer itself or a past connection names. Below `resolve` and `lookup` the stage also judges what names resolve to; a name that
 * is still one stays, unless AutoTLS has given it to an IP address that goes.
 *
 * @throws InvalidPipelineError for an unknown option, what is not an array of sources, and a misspelt source
 */
export function scope (init: ScopeInit = {}): Stage<'candidates', 'candidates', 'scope'> {
  checkArguments('scope()', arguments, 1)
  checkOptions('scope()', init, { strangers: listOf('sources', SOURCE_NAME) })
  const { strangers } = init

  function judge (candidate: Candidate, { node: { addressBook, surroundings } }: Dial): Verdict {
    // the cheap question first
    if (!isLocalHearsay(candidate, addressBook, strangers) || surroundings?.isPublic !== true) {
      return true
    }

    const { provenance } = candidate
    const reporters = provenance.flatMap(({ reporter }) => reporter ?? [])
    // who is not known may be a host of this network
    const isFromInternet = reporters.length > 0 && reporters.every(reporter => surroundings.wasPublic(reporter))

    return !isFromInternet || `${NAMES[candidate.facts.scope]} address, from ${[...new Set(provenance.map(({ source }) => source))].join(', ')}`
  }

  return filtering('scope', judge, {}, (candidate, dial) => judge(candidate, dial) !== true)
}
