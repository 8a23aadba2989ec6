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

const NAMES = {
  private: 'a private',
  'link-local': 'a link-local',
  loopback: 'a loopback',
  unspecified: 'an unspecified',
  multicast: 'a multicast',
  reserved: 'a reserved'
}

/**
 * Drops addresses of this machine or its network, and those that no peer of the internet can have (multicast, unspecified,
 * reserved), where only strangers name them: anybody can tell the DHT that a peer is at 192.168.1.1. What the caller, the
 * configuration, the peer itself or a past connection names stays: there are networks of reserved addresses. Below `resolve` and
 * `lookup` the stage also judges what names resolve to; a name that is still one stays.
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

    if (scope === 'public' || scope === 'name' || scope === 'none') {
      return true
    }

    const sources = new Set(provenance.map(({ source }) => source))

    // where an address comes from that nobody stands for is not known: it may well be of this network
    return sources.size === 0 || [...sources].some(source => !isStranger(source)) || `${NAMES[scope]} address, from ${[...sources].join(', ')}`
  })
}
