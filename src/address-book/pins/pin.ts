import type { PeerId } from '@libp2p/interface'

/**
 * Keeps addresses of a peer from expiring until it is released, its time is over, or it is revoked. That is all: it makes
 * them no better, and an address that is found to be false is not kept. Made by `PinOwner.pin`
 */
export interface Pin extends Disposable {
  readonly owner: string
  readonly peer: PeerId
  /** `revoked`: none of its addresses is right, or its owner needed the room */
  readonly state: 'held' | 'released' | 'revoked'
  /** Aborts when the pin is revoked, not when it ends otherwise */
  readonly signal: AbortSignal
  /**
   * In milliseconds since the epoch. Infinity while a connection to the peer is open, where the pin was made or renewed
   * since it opened: the time of the pin begins when that closes
   */
  readonly expires: number
  /**
   * Has it expire `ttl` milliseconds from now, as many as it was made with if that is not said. False: it has ended
   *
   * @throws InvalidParametersError for what is not a number of milliseconds, and for a time that the owner may not ask for
   */
  renew (ttl?: number): boolean
  /** More than once is once */
  release (): void
}
