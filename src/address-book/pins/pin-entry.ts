import type { Pin } from './pin.ts'

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

  covers (address: string): boolean {
    return this.addresses?.has(address) !== false
  }

  /** Ends the pin, once: a listener to the book may release a pin that is being revoked */
  end (state: 'released' | 'revoked'): void {
    if (this.state === 'held') {
      this.state = state
      this.#onEnd?.(state)
    }
  }
}
