import { WRONG_PEER_TIME } from '../../pipeline/dial-components.ts'

/** How many addresses a pin leaves out at once because another peer has answered there */
const MAX_EXCEPTIONS = 64

export interface HoldInit {
  readonly owner: string
  /** Undefined: every address of the peer, also those that are still to come */
  readonly addresses?: Iterable<string>
  /** In milliseconds since the epoch */
  readonly expires: number
  /** Milliseconds that it has from the last disconnect, where it was made while there was a connection */
  readonly fromDisconnect?: number
  /** Of an earlier life of the node: nobody has it in hand */
  readonly isOrphan?: boolean
  readonly onEnd?: (how: 'expired' | 'revoked') => void
}

/** Keeps addresses of a peer from expiring: the book's side of a pin */
export class Hold {
  readonly owner: string
  readonly isOrphan: boolean
  /** Undefined: every address of the peer */
  readonly addresses?: ReadonlySet<string>
  readonly #onEnd?: HoldInit['onEnd']
  /** Addresses at which another peer has answered, and until when that counts, in milliseconds since the epoch */
  readonly #exceptions = new Map<string, number>()
  expires: number
  fromDisconnect?: number

  constructor ({ owner, addresses, expires, fromDisconnect, isOrphan = false, onEnd }: HoldInit) {
    this.owner = owner
    this.isOrphan = isOrphan
    this.addresses = addresses == null ? undefined : new Set(addresses)
    this.expires = expires
    this.fromDisconnect = fromDisconnect
    this.#onEnd = onEnd
  }

  covers (address: string, now: number): boolean {
    return this.addresses?.has(address) !== false && (this.#exceptions.get(address) ?? -Infinity) <= now
  }

  /** Another peer has answered at an address. Returns whether anything is left that the pin covers */
  except (address: string, now: number): boolean {
    // the oldest stands first
    this.#exceptions.delete(address)
    this.#exceptions.set(address, now + WRONG_PEER_TIME)
    const [oldest = ''] = this.#exceptions.keys()

    if (this.#exceptions.size > MAX_EXCEPTIONS) {
      this.#exceptions.delete(oldest)
    }

    return this.addresses == null || [...this.addresses].some(one => this.covers(one, now))
  }

  /** Covers an address again, or all: what another peer has answered there does not count any more */
  forgive (address?: string): void {
    if (address == null) {
      this.#exceptions.clear()
    } else {
      this.#exceptions.delete(address)
    }
  }

  end (how: 'expired' | 'revoked'): void {
    this.#onEnd?.(how)
  }
}
