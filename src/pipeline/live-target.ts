import { Wake } from './wake.ts'
import type { Target } from './types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The target of a running dial. Whoever follows it is given every newest state, and may skip older ones */
export class LiveTarget {
  #current: Target
  readonly #followers = new Set<Wake>()
  readonly #known = new Set<string>()

  constructor (peerId: PeerId | undefined, multiaddrs: readonly Multiaddr[]) {
    this.#current = Object.freeze({ kind: 'target', peerId, multiaddrs: this.#unknown(multiaddrs), revision: 0 })
  }

  get current (): Target {
    return this.#current
  }

  /** Adds the addresses of a joining caller; answers whether any was new */
  add (multiaddrs: readonly Multiaddr[]): boolean {
    const news = this.#unknown(multiaddrs)

    if (news.length > 0) {
      this.#replace([...this.#current.multiaddrs, ...news])
    }

    return news.length > 0
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

  #unknown (multiaddrs: readonly Multiaddr[]): Multiaddr[] {
    return multiaddrs.filter(multiaddr => {
      const text = multiaddr.toString()

      return !this.#known.has(text) && this.#known.add(text)
    })
  }
}
