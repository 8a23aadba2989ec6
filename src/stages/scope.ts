import { InvalidPipelineError } from '../pipeline/errors.ts'
import { filter } from '../pipeline/filter.ts'
import { scopeOf } from '../address/scope.ts'
import type { StageInit } from '../pipeline/types.ts'

export interface ScopeInit {
  /**
   * Sources that know nothing of this machine and its network. An address of either that only they name is not dialled
   *
   * @default ['dht', 'pubsub', 'routing']
   */
  strangers?: readonly string[]
}

const STRANGERS = ['dht', 'pubsub', 'routing']

/**
 * Takes away addresses that no peer can have (multicast, unspecified, reserved), and those of this machine or its network
 * that only strangers name: anybody can tell the DHT that a peer is at 192.168.1.1. Below `resolve` and `lookup` it also
 * judges what names resolve to; a name that is still one stays.
 *
 * @throws InvalidPipelineError for what is not made of names of sources
 */
export function scope ({ strangers = STRANGERS }: ScopeInit = {}): StageInit<'candidates', 'candidates', 'scope'> {
  if (!(Array.isArray(strangers) && strangers.every(source => typeof source === 'string'))) {
    throw new InvalidPipelineError("scope() needs a list of sources, such as ['dht']")
  }

  const unknown = new Set([...strangers, 'dns'])

  return filter('scope', ({ multiaddr, provenance }, _dial, { addressBook }) => {
    const scope = scopeOf(multiaddr)
    // where the book is told who writes to the peer store, who said what only that still has may have been a stranger
    const isStranger = (source: string): boolean => unknown.has(source) || (source === 'peer-store' && addressBook?.isAttributed === true)

    switch (scope) {
      case 'public':
      case 'name':
      case 'none':
        return true
      case 'private':
      case 'link-local':
      case 'loopback': {
        const sources = new Set(provenance.map(({ source }) => source))

        // where an address comes from that nobody stands for is not known: it may well be of this network
        return sources.size === 0 || [...sources].some(source => !isStranger(source)) || `a ${scope} address, from ${[...sources].join(', ')}`
      }
      case 'unspecified':
        return 'an unspecified address'
      case 'multicast':
      case 'reserved':
        return `a ${scope} address`
    }
  })
}
