/** How many addresses a pin of a whole peer leaves out because they were found to be false */
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
  readonly #onEnd?: HoldInit['onEnd']
  readonly #addresses?: Set<string>
  readonly #exceptions = new Set<string>()
  expires: number
  fromDisconnect?: number

  constructor ({ owner, addresses, expires, fromDisconnect, isOrphan = false, onEnd }: HoldInit) {
    this.owner = owner
    this.isOrphan = isOrphan
    this.#addresses = addresses == null ? undefined : new Set(addresses)
    this.expires = expires
    this.fromDisconnect = fromDisconnect
    this.#onEnd = onEnd
  }

  /** Undefined: every address of the peer */
  get addresses (): ReadonlySet<string> | undefined {
    return this.#addresses
  }

  covers (address: string): boolean {
    return this.#addresses?.has(address) ?? !this.#exceptions.has(address)
  }

  /** Covers an address no more. Answers whether anything is left that it covers */
  except (address: string): boolean {
    if (this.#addresses != null) {
      this.#addresses.delete(address)
    } else if (this.#exceptions.size < MAX_EXCEPTIONS) {
      this.#exceptions.add(address)
    }

    return this.#addresses == null || this.#addresses.size > 0
  }

  end (how: 'expired' | 'revoked'): void {
    this.#onEnd?.(how)
  }
}
