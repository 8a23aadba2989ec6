import { Circuit } from '@multiformats/multiaddr-matcher'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * The open connection that makes a dial unnecessary, as libp2p has it: not a limited one, a direct one first; a relayed
 * one only if none of the addresses to dial would be direct. Where there is one, it is the preferred one that is taken.
 */
export function findExisting (connections: readonly Connection[], multiaddrs: readonly Multiaddr[], preferred?: Connection): Connection | undefined {
  const usable = connections.filter(({ status, limits }) => status === 'open' && limits == null)

  if (usable.length === 0) {
    return
  }

  const direct = usable.find(connection => connection.direct)
  const found = direct ?? (multiaddrs.some(multiaddr => !Circuit.exactMatch(multiaddr)) ? undefined : usable[0])

  return found != null && preferred != null && usable.includes(preferred) ? preferred : found
}
