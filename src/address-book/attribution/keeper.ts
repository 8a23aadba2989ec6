import { isConfigured } from '../../pipeline/trust.ts'
import { addressText } from '../address-text.ts'
import { keptAddresses } from '../kept-addresses.ts'
import type { Observer } from './observer.ts'
import type { Logger, PeerData, PeerId, PeerStore } from '@libp2p/interface'

export interface KeeperContext {
  /** Reads what is stored */
  readonly direct: Pick<PeerStore, 'get'>
  readonly notes: { readonly observer?: Pick<Observer, 'query' | 'trust'> }
  readonly log: Logger
}

/** Adds what the user gave to a write that would take it away. An address that the user took away again stays away. Never rejects */
export async function keepConfigured (peer: PeerId, data: PeerData, { direct, notes: { observer }, log }: KeeperContext): Promise<PeerData> {
  try {
    const known = Array.from(await observer?.query(peer) ?? [])
    const given = new Set(known
      .filter(({ provenance }) => provenance.some(({ source }) => isConfigured(source, observer?.trust)))
      .map(({ multiaddr }) => addressText(multiaddr, peer)))

    return given.size === 0
      ? data
      : { ...data, addresses: [...data.addresses ?? [], ...keptAddresses(peer, data, (await direct.get(peer)).addresses, text => given.has(text))] }
  } catch (err: any) {
    if (err.name !== 'NotFoundError') {
      log.error('could not keep what the user gave for %p - %e', peer, err)
    }

    return data
  }
}
