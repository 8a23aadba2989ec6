import type { Clock } from '../pipeline/clock.ts'
import type { Connection, PeerId, Stream } from '@libp2p/interface'

/** The part of the node's dialer that `followPreferred()` uses */
export interface PreferredEvents {
  preferred (peerId: PeerId): Connection | undefined
  addEventListener (type: 'connection:preferred', listener: (event: CustomEvent<{ connection: Connection }>) => void): void
  removeEventListener (type: 'connection:preferred', listener: (event: CustomEvent<{ connection: Connection }>) => void): void
}

/**
 * Opens a stream on a connection, and sends what the protocol needs to resume there
 *
 * @param signal aborts when the stream is not wanted any more
 */
export type OpenStream = (connection: Connection, signal: AbortSignal) => Promise<Stream>

export interface StreamSwitch {
  /** Closed for writing after `onSwitch`. Until the remote closes its side, you can read what it sends */
  previous: Stream
  current: Stream
}

export interface FollowInit {
  /**
   * Milliseconds for which the old stream must have carried nothing, in either direction, before the new one replaces it
   *
   * @default 1000
   */
  idle?: number | undefined
  /**
   * Returns whether the application can leave this stream now. Called when the stream has been idle, and again every `idle` ms
   * until the answer is true. Default: always true
   */
  isIdle?: ((stream: Stream) => boolean) | undefined
  /** Called after the follower has switched to another stream */
  onSwitch?: ((streams: StreamSwitch) => void) | undefined
  /** Source of time. Default: the system's clock */
  clock?: Clock | undefined
}

/** A stream that follows the preferred connection to its peer */
export interface StreamFollower {
  /** The stream to use now. Read this property for each message: do not keep its value */
  readonly stream: Stream
  /** Stops following. The current stream stays open */
  end (): void
}
