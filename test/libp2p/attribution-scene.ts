import { peerDiscoverySymbol, peerRoutingSymbol, contentRoutingSymbol } from '@libp2p/interface'
import { CODE_P2P } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import type { ContentRouting, PeerDiscoveryEvents, PeerId, PeerInfo, PeerRouting, Provider } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Returns an address without its peer id */
export function plain (multiaddr: Multiaddr): Multiaddr {
  return multiaddr.decapsulateCode(CODE_P2P)
}

/** A discovery that finds what the test sets, under any name */
export class Finder extends TypedEventEmitter<PeerDiscoveryEvents> {
  readonly [peerDiscoverySymbol] = this
  readonly #name: string

  constructor (name: string) {
    super()
    this.#name = name
  }

  get [Symbol.toStringTag] (): string {
    return this.#name
  }

  find (info: PeerInfo): void {
    this.safeDispatchEvent('peer', { detail: info })
  }
}

/** A peer and content router that knows some peers */
export class Router implements PeerRouting, ContentRouting {
  readonly infos: Array<() => PeerInfo> = []

  async findPeer (id: PeerId): Promise<PeerInfo> {
    const info = this.infos.map(make => make()).find(info => info.id.equals(id))

    if (info == null) {
      throw new Error('not found')
    }

    return info
  }

  async * getClosestPeers (): AsyncGenerator<PeerInfo> {
    yield * this.infos.map(make => make())
  }

  async * findProviders (): AsyncGenerator<Provider> {
    yield * this.infos.map(make => ({ ...make(), routing: 'test' }))
  }

  async provide (): Promise<void> {}
  async cancelReprovide (): Promise<void> {}
  async put (): Promise<void> {}
  async get (): Promise<Uint8Array> { throw new Error('not found') }
}

/** A router as a service. Each access creates new parts */
export class RouterService {
  readonly router = new Router()

  get [peerRoutingSymbol] (): PeerRouting {
    const { router } = this

    return { findPeer: async id => router.findPeer(id), getClosestPeers: () => router.getClosestPeers() }
  }

  get [contentRoutingSymbol] (): Partial<ContentRouting> {
    const { router } = this

    return { findProviders: () => router.findProviders() }
  }
}
