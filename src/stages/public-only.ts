import { isLoopback, isPrivate } from '@libp2p/utils'
import { filter } from '../pipeline/filter.ts'
import type { StageInit } from '../pipeline/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Keeps addresses that lead out of this machine and its network, whoever gave them. Below `resolve` it judges what names
 * resolve to; a name that nothing above has resolved (libp2p leaves `/dns4/…` to the transports) is kept, unless it is
 * localhost: nobody knows yet where it leads.
 */
export function publicOnly (): StageInit<'candidates', 'candidates', 'public-only'> {
  return filter('public-only', ({ multiaddr }) => {
    const [host] = multiaddr.getComponents()

    if (host?.name === 'memory' || host?.name === 'unix') {
      return 'an address of this machine'
    }

    if (isLoopback(multiaddr) || isLocalhost(multiaddr)) {
      return 'a loopback address'
    }

    return !isPrivate(multiaddr) || 'a private address'
  })
}

/** RFC 6761, section 6.3: localhost and every name below it is this machine */
function isLocalhost (multiaddr: Multiaddr): boolean {
  const [host] = multiaddr.getComponents()

  return host?.name.startsWith('dns') === true && /(^|\.)localhost\.?$/i.test(host.value ?? '')
}
