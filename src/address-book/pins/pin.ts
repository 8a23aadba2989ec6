import type { PeerId } from '@libp2p/interface'

/**
 * Keeps addresses of a peer from expiring until the pin is released, expires, or is revoked. It does not rank them higher, and does not make an
 * invalid address valid. Created by `PinOwner.pin()`
 */
export interface Pin extends Disposable {
  readonly owner: string
  readonly peer: PeerId
  /** `revoked`: its owner needed the room for another pin */
  readonly state: 'held' | 'released' | 'revoked'
  /** Aborts when the pin is revoked, but not when it is released or expires */
  readonly signal: AbortSignal
  /**
   * When the pin expires, in milliseconds since the epoch. Infinity for a pin that was made or renewed during an open connection to the peer: its TTL
   * begins when that closes
   */
  readonly expires: number
  /**
   * Sets the expiry to `ttl` milliseconds from now, by default the TTL of its creation. Returns false if the pin has ended
   *
   * @throws InvalidParametersError for a `ttl` that is not a number of milliseconds, or above the owner's maximum
   */
  renew (ttl?: number): boolean
  /** Releases the pin. Repeated calls have no effect */
  release (): void
}

/** Thrown when a pin would exceed the quota of its owner, or that of all pins together */
export class PinQuotaExceededError extends Error {
  static override readonly name = 'PinQuotaExceededError'
  override readonly name = 'PinQuotaExceededError'
}
