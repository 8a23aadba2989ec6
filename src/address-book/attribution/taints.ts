import type { Testimony } from './observer.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Of an address that was read from the peer store: whoever writes it back says nothing new */
export const echo: Testimony = Object.freeze({ source: 'peer-store' })

/**
 * Who said an address, by the identity of its object: libp2p hands the objects of discovery and routing on to the peer
 * store as they are. Per node, since an address may be read from one node and given to another
 */
export class Taints {
  readonly #testimony = new WeakMap<Multiaddr, Testimony>()

  /** Who said an address first stays */
  mark (multiaddrs: Iterable<Multiaddr>, testimony: Testimony): void {
    for (const multiaddr of multiaddrs) {
      if (!this.#testimony.has(multiaddr)) {
        this.#testimony.set(multiaddr, testimony)
      }
    }
  }

  /** Marks the addresses of what should be a peer's info. Whatever else it is, is left for libp2p to complain about */
  markInfo (info: unknown, testimony: Testimony): void {
    const { multiaddrs } = (info ?? {}) as { multiaddrs?: unknown }

    if (Array.isArray(multiaddrs)) {
      this.mark(multiaddrs.filter(one => typeof one === 'object' && one != null), testimony)
    }
  }

  of (multiaddr: Multiaddr): Testimony | undefined {
    return this.#testimony.get(multiaddr)
  }
}
