import { addAddress } from './address-marks.ts'
import { Wake } from './wake.ts'
import type { Target } from './types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The target of a running dial. Whoever follows it is given every newest state, and may skip older ones */
export class LiveTarget {
  #current: Target
  readonly #followers = new Set<Wake>()
  readonly #known = new Map<string, Multiaddr>()

  constructor (peerId: PeerId | undefined, multiaddrs: readonly Multiaddr[]) {
    this.#add(multiaddrs)
    this.#current = Object.freeze({ kind: 'target', peerId, multiaddrs: [...this.#known.values()], revision: 0 })
  }

  get current (): Target {
    return this.#current
  }

  /** Adds the addresses of a joining caller; answers whether there was anything new: an address, or another source of one */
  add (multiaddrs: readonly Multiaddr[]): boolean {
    const isNews = this.#add(multiaddrs)

    if (isNews) {
      this.#replace([...this.#known.values()])
    }

    return isNews
  }

  /** Has every stage asked again, because something was learnt */
  raise (): void {
    this.#replace(this.#current.multiaddrs)
  }

  async * follow (signal: AbortSignal): AsyncGenerator<Target> {
    const wake = new Wake()
    let seen: Target | undefined
    this.#followers.add(wake)

    try {
      while (true) {
        if (seen === this.#current) {
          await wake.wait(signal)
        } else {
          seen = this.#current
          yield seen
        }
      }
    } finally {
      this.#followers.delete(wake)
    }
  }

  #replace (multiaddrs: readonly Multiaddr[]): void {
    this.#current = Object.freeze({ ...this.#current, multiaddrs, revision: this.#current.revision + 1 })
    this.#followers.forEach(wake => { wake.notify() })
  }

  #add (multiaddrs: readonly Multiaddr[]): boolean {
    return multiaddrs.map(one => addAddress(this.#known, one)).includes(true)
  }
}
