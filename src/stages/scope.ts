import { InvalidPipelineError } from '../pipeline/errors.ts'
import { filter } from '../pipeline/filter.ts'
import { scopeOf } from '../address/scope.ts'
import type { Scope } from '../address/scope.ts'
import type { Candidate, StageInit } from '../pipeline/types.ts'

export interface ScopeInit {
  /**
   * Sources that may name addresses of a private network, or of the network that this machine is plugged into
   *
   * @default ['user', 'mdns', 'dialled', 'bootstrap']
   */
  private?: readonly string[]
  /**
   * Sources that may name addresses of this machine
   *
   * @default ['user', 'mdns', 'dialled', 'bootstrap']
   */
  loopback?: readonly string[]
}

const ENTITLED = ['user', 'mdns', 'dialled', 'bootstrap']

/**
 * Takes away addresses that no peer can have (multicast, unspecified, reserved), and private ones that only those named
 * who know nothing of this network: anybody can tell the DHT that a peer is at 192.168.1.1. Below `resolve` it also judges
 * what names resolve to; a name that is still one stays.
 *
 * @throws InvalidPipelineError for what is not made of names of sources
 */
export function scope ({ private: entitled = ENTITLED, loopback = ENTITLED }: ScopeInit = {}): StageInit<'candidates', 'candidates', 'scope'> {
  if (![entitled, loopback].every(sources => Array.isArray(sources) && sources.every(source => typeof source === 'string'))) {
    throw new InvalidPipelineError("scope() needs lists of sources, such as ['user']")
  }

  const isFrom = ({ provenance }: Candidate, sources: readonly string[]): boolean => provenance.some(({ source }) => sources.includes(source))

  return filter('scope', candidate => {
    const scope = scopeOf(candidate.multiaddr)

    switch (scope) {
      case 'public':
      case 'name':
      case 'none':
        return true
      case 'private':
      case 'link-local':
        return isFrom(candidate, entitled) || reason(scope, candidate)
      case 'loopback':
        return isFrom(candidate, loopback) || reason(scope, candidate)
      case 'multicast':
      case 'unspecified':
      case 'reserved':
        return `${scope === 'unspecified' ? 'an' : 'a'} ${scope} address`
    }
  })
}

function reason (scope: Scope, { provenance }: Candidate): string {
  return `a ${scope} address, from ${[...new Set(provenance.map(({ source }) => source))].join(', ') || 'nobody knows where'}`
}
