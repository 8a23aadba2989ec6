import { addAddress } from '../address-marks.ts'
import { Wake } from './wake.ts'
import type { Target } from '../flow.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What the callers of a running dial want, and how often something was learnt that every stage may want to look at */
export class LiveTarget {
  /** Raised by each new address of a caller, and by each failed attempt */
  version = 0
  /** The same, raised also by each address that stages find */
  knowledge = 0
  /** Wakes the race that waits. Only one of a dial does */
  readonly wake = new Wake()
  #current: Target
  readonly #known = new Map<string, Multiaddr>()

  constructor (peerId: PeerId | undefined, multiaddrs: readonly Multiaddr[]) {
    this.#addAll(multiaddrs)
    this.#current = Object.freeze({ peerId, multiaddrs: [...this.#known.values()] })
  }

  get current (): Target {
    return this.#current
  }

  /** Adds the addresses of a joining caller; answers whether there was anything new: an address, or another source of one */
  add (multiaddrs: readonly Multiaddr[]): boolean {
    const isNews = this.#addAll(multiaddrs)

    if (isNews) {
      this.#current = Object.freeze({ ...this.#current, multiaddrs: [...this.#known.values()] })
      this.raise()
    }

    return isNews
  }

  /** Has every stage asked again, because something was learnt */
  raise (): void {
    this.version++
    this.knowledge++
    this.wake.notify()
  }

  #addAll (multiaddrs: readonly Multiaddr[]): boolean {
    return multiaddrs.map(one => addAddress(this.#known, one)).includes(true)
  }
}
