import { isPeerId } from '@libp2p/interface'
import type { Source } from '../../pipeline/sources.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A source, and the peer that told it, as far as they are known */
export interface Testimony {
  readonly source: Source
  readonly reporter?: PeerId
  /** Where the source is not known: the module that wrote or found the address */
  readonly by?: string
}

/** Marks an address that was read from the peer store or the address book: writing it back adds no source */
export const READ_BACK: Testimony = Object.freeze({ source: 'peer-store' })

/**
 * Who said an address, by the identity of its object: libp2p hands the objects of discovery and routing on to the peer
 * store as they are. Per node, since an address may be read from one node and given to another
 */
export class SourceTags {
  readonly #origins = new WeakMap<Multiaddr, { readonly testimony: Testimony, readonly peer?: PeerId | string }>()

  /** Who said an address first stays */
  mark (multiaddrs: Iterable<Multiaddr>, testimony: Testimony, peer?: PeerId | string): void {
    const origin = { testimony, peer }

    for (const multiaddr of multiaddrs) {
      if (!this.#origins.has(multiaddr)) {
        this.#origins.set(multiaddr, origin)
      }
    }
  }

  /** Marks the addresses of what should be a peer's info. Whatever else it is, is left for libp2p to complain about */
  markInfo (info: unknown, testimony: Testimony): void {
    const { id, multiaddrs } = (info ?? {}) as { id?: unknown, multiaddrs?: unknown }

    if (Array.isArray(multiaddrs)) {
      this.mark(multiaddrs.filter(one => typeof one === 'object' && one != null), testimony, isPeerId(id) ? id : undefined)
    }
  }

  of (multiaddr: Multiaddr): Testimony | undefined {
    return this.#origins.get(multiaddr)?.testimony
  }

  /** The peer that a marked address is of, as a string */
  peerOf (multiaddr: Multiaddr): string | undefined {
    return this.#origins.get(multiaddr)?.peer?.toString()
  }
}
