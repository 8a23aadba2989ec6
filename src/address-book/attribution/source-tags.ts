import { isPeerId } from '@libp2p/interface'
import type { Source } from '../../pipeline/sources.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A source, and the peer that reported to it, as far as they are known */
export interface SourceTag {
  readonly source: Source
  readonly reporter?: PeerId
  /** For an unknown source: the module that wrote or found the address */
  readonly by?: string
}

/** Tags an address that was read from the peer store or the address book: writing it back adds no source */
export const READ_BACK: SourceTag = Object.freeze({ source: 'peer-store' })

/**
 * The sources of addresses by the identity of their objects: libp2p passes the objects of discovery and routing to the peer store unchanged. One per
 * node, because an address may be read from one node and written to another
 */
export class SourceTags {
  readonly #origins = new WeakMap<Multiaddr, { readonly tag: SourceTag, readonly peer?: PeerId | string }>()

  /** Tags addresses. The first tag of an object stays */
  mark (multiaddrs: Iterable<Multiaddr>, tag: SourceTag, peer?: PeerId | string): void {
    const origin = { tag, peer }

    for (const multiaddr of multiaddrs) {
      if (!this.#origins.has(multiaddr)) {
        this.#origins.set(multiaddr, origin)
      }
    }
  }

  /** Tags the addresses of a peer info. Other values are ignored here, and left for libp2p to refuse */
  markInfo (info: unknown, tag: SourceTag): void {
    const { id, multiaddrs } = (info ?? {}) as { id?: unknown, multiaddrs?: unknown }

    if (Array.isArray(multiaddrs)) {
      this.mark(multiaddrs.filter(one => typeof one === 'object' && one != null), tag, isPeerId(id) ? id : undefined)
    }
  }

  of (multiaddr: Multiaddr): SourceTag | undefined {
    return this.#origins.get(multiaddr)?.tag
  }

  /** Returns the peer of a tagged address, as a string */
  peerOf (multiaddr: Multiaddr): string | undefined {
    return this.#origins.get(multiaddr)?.peer?.toString()
  }
}
