import type { PeerId } from '@libp2p/interface'

/** `revoked`: none of its addresses is right, or its owner needed the room */
export type PinState = 'held' | 'released' | 'revoked'

/** What its owner knows of a pin, and does with it */
export interface PinInHand {
  readonly owner: string
  readonly peer: PeerId
  readonly state: PinState
  readonly signal: AbortSignal
  readonly expires: number
  renew (ttl?: number): void
  release (): void
}

/**
 * Keeps addresses of a peer from expiring until it is released, its time is over, or it is revoked. That is all: it makes
 * them no better, and an address that is found to be false is not kept.
 */
export class Pin implements Disposable {
  readonly #hand: PinInHand

  /** Made by `PinOwner.pin` */
  constructor (hand: PinInHand) {
    this.#hand = hand
  }

  get owner (): string {
    return this.#hand.owner
  }

  get peer (): PeerId {
    return this.#hand.peer
  }

  get state (): PinState {
    return this.#hand.state
  }

  /** Aborts when the pin is revoked, not when it ends otherwise */
  get signal (): AbortSignal {
    return this.#hand.signal
  }

  /**
   * In milliseconds since the epoch. Infinity while a connection to the peer is open, where the pin was made or renewed
   * since it opened: the time of the pin begins when that closes
   */
  get expires (): number {
    return this.#hand.expires
  }

  /**
   * Has it expire `ttl` milliseconds from now, as many as it was made with if that is not said. False: it has ended
   *
   * @throws InvalidParametersError for what is not a number of milliseconds, and for a time that the owner may not ask for
   */
  renew (ttl?: number): boolean {
    if (this.state === 'held') {
      this.#hand.renew(ttl)
    }

    return this.state === 'held'
  }

  /** More than once is once */
  release (): void {
    if (this.state === 'held') {
      this.#hand.release()
    }
  }

  [Symbol.dispose] (): void {
    this.release()
  }
}
