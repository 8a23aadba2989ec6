import { Circuit } from '@multiformats/multiaddr-matcher'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * The open connection that makes a dial unnecessary, as libp2p has it: not a limited one, a direct one first; a relayed
 * one only if none of the addresses to dial would be direct.
 */
export function findExisting (connections: readonly Connection[], multiaddrs: readonly Multiaddr[]): Connection | undefined {
  const usable = connections.filter(({ status, limits }) => status === 'open' && limits == null)

  if (usable.length === 0) {
    return
  }

  const direct = usable.find(connection => connection.direct)

  return direct ?? (multiaddrs.some(multiaddr => !Circuit.exactMatch(multiaddr)) ? undefined : usable[0])
}
