import { WRONG_PEER_TIME } from '../../pipeline/dial-components.ts'
import type { Pin } from './pin.ts'

/** The maximum number of addresses that a pin does not cover because another peer has answered there */
const MAX_EXCEPTIONS = 64

export type PinEntryInit = Pick<PinEntry, 'owner' | 'addresses' | 'expires' | 'fromDisconnect'>

/** The book's side of a pin: keeps addresses of a peer from expiring */
export class PinEntry {
  readonly owner: string
  /** The texts of the covered addresses. Undefined: every address of the peer, including future ones */
  readonly addresses?: ReadonlySet<string>
  state: Pin['state'] = 'held'
  /** When the pin expires, in milliseconds since the epoch */
  expires: number
  /** The TTL in milliseconds after the last connection has closed, for a pin that was made while a connection was open */
  fromDisconnect?: number
  readonly #onEnd?: (state: Pin['state']) => void
  /** The addresses at which another peer has answered, with the expiry of that in milliseconds since the epoch */
  readonly #exceptions = new Map<string, number>()

  /** @param onEnd called when the pin ends. Undefined: the pin was made before the last start, so that no code has its handle */
  constructor ({ owner, addresses, expires, fromDisconnect }: PinEntryInit, onEnd?: (state: Pin['state']) => void) {
    this.owner = owner
    this.addresses = addresses
    this.expires = expires
    this.fromDisconnect = fromDisconnect
    this.#onEnd = onEnd
  }

  /** Whether the pin was made before the last start */
  get isOrphan (): boolean {
    return this.#onEnd == null
  }

  covers (address: string, now: number): boolean {
    return this.addresses?.has(address) !== false && (this.#exceptions.get(address) ?? -Infinity) <= now
  }

  /** Excludes an address at which another peer has answered. Returns whether the pin still covers any */
  exclude (address: string, now: number): boolean {
    // deleted first, so that the map stays ordered by age
    this.#exceptions.delete(address)
    this.#exceptions.set(address, now + WRONG_PEER_TIME)
    const [oldest = ''] = this.#exceptions.keys()

    if (this.#exceptions.size > MAX_EXCEPTIONS) {
      this.#exceptions.delete(oldest)
    }

    return this.addresses == null || [...this.addresses].some(one => this.covers(one, now))
  }

  /** Covers an excluded address again. Without an argument, all of them */
  coverAgain (address?: string): void {
    if (address == null) {
      this.#exceptions.clear()
    } else {
      this.#exceptions.delete(address)
    }
  }

  /** Ends the pin, once: a listener to the book may release a pin that is being revoked */
  end (state: 'released' | 'revoked'): void {
    if (this.state === 'held') {
      this.state = state
      this.#onEnd?.(state)
    }
  }
}
