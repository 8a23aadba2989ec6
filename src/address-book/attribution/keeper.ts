import { addressText } from '../address-text.ts'
import { isConfigured } from '../../pipeline/trust.ts'
import { multiaddrsOf } from '../peer-data.ts'
import type { Observer } from './observer.ts'
import type { Address, Logger, PeerData, PeerId, PeerStore } from '@libp2p/interface'

/** Adds what the user gave to a write that would take it away. An address that the user took away again stays away */
export class Keeper {
  readonly #store: PeerStore
  readonly #observer: () => Pick<Observer, 'query'> | undefined
  readonly #log: Logger

  /** @param store - which reads what is stored */
  constructor (store: PeerStore, observer: () => Pick<Observer, 'query'> | undefined, log: Logger) {
    this.#store = store
    this.#observer = observer
    this.#log = log
  }

  /** Never rejects */
  async keep (peer: PeerId, data: PeerData): Promise<PeerData> {
    try {
      const kept = await this.#lost(peer, data)

      return kept.length === 0 ? data : { ...data, addresses: [...data.addresses ?? [], ...kept] }
    } catch (err: any) {
      if (err.name !== 'NotFoundError') {
        this.#log.error('could not keep what the user gave for %p - %e', peer, err)
      }

      return data
    }
  }

  async #lost (peer: PeerId, data: PeerData): Promise<Address[]> {
    const known = Array.from(await this.#observer()?.query(peer) ?? [])
    const given = known.filter(({ provenance }) => provenance.some(({ source }) => isConfigured(source)))
    const lost = new Set(given.map(({ multiaddr }) => addressText(multiaddr, peer)))
    multiaddrsOf(data).forEach(multiaddr => { lost.delete(addressText(multiaddr, peer)) })

    if (lost.size === 0) {
      return []
    }

    const { addresses } = await this.#store.get(peer)

    return addresses
      .filter(({ multiaddr }) => lost.has(addressText(multiaddr, peer)))
      .map(({ multiaddr }) => ({ multiaddr, isCertified: false }))
  }
}
