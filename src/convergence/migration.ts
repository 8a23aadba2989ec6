import type { Clock } from '../pipeline/clock.ts'
import type { Connection, PeerId, Stream } from '@libp2p/interface'

/** Who says which connection to a peer is preferred: the node's dialer */
export interface PreferredConnections {
  addEventListener (type: 'connection:preferred', listener: (event: CustomEvent<PreferredConnection>) => void): void
  removeEventListener (type: 'connection:preferred', listener: (event: CustomEvent<PreferredConnection>) => void): void
}

export interface PreferredConnection {
  peerId: PeerId
  previous: Connection
  preferred: Connection
}

/** Opens a stream on a connection, and says to the remote whatever it takes to resume there. The signal aborts when it is not wanted any more */
export type OpenStream = (connection: Connection, signal: AbortSignal) => Promise<Stream>

export interface Switched {
  /** Still open: it is closed for writing after `onSwitch`, and what the remote sends until it closes its side can be read */
  previous: Stream
  current: Stream
}

export interface MigrateInit {
  /**
   * Milliseconds in which the old stream carried nothing, in either direction
   *
   * @default 1000
   */
  idle?: number
  /** Whether the application can leave a stream now, asked when that is idle, and again every `idle` ms until it can. Default: it can */
  isIdle?: (stream: Stream) => boolean
  /** Called when `stream` is another from now on */
  onSwitch?: (switched: Switched) => void
  /** Default: the system's */
  clock?: Clock
}

export interface Migration {
  /** The stream to use now. To be looked up for each message, not kept */
  readonly stream: Stream
  /** Follows the preferred connection no longer. The current stream stays as it is */
  end (): void
}
