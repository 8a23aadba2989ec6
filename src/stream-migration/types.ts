import type { Clock } from '../pipeline/clock.ts'
import type { AbortOptions, ComponentLogger, Connection, NewStreamOptions, PeerId, Stream, StreamHandler, StreamHandlerOptions } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'

export interface StreamMigrationComponents {
  connectionManager: ConnectionManager
  logger: ComponentLogger
  peerId: PeerId
  registrar: Registrar
}

export interface StreamMigrationInit {
  /** Default: that of the system */
  clock?: Clock

  /**
   * How long the other end may take to agree to a stream or to a migration, in milliseconds
   *
   * @default 10_000, as long as libp2p gives a protocol to be negotiated
   */
  timeout?: number

  /**
   * How many streams a peer may have on one connection, of all protocols together
   *
   * @default 256
   */
  maxInboundStreams?: number

  /**
   * How many streams this node may have on one connection, of all protocols together
   *
   * @default 256
   */
  maxOutboundStreams?: number
}

/** A stream that can be moved to another connection to the same peer. Used as any other */
export interface MigratableStream extends Stream {
  /** The connection that is written to; changes when the stream is moved */
  readonly connection: Connection
}

export interface OpenStreamOptions extends AbortOptions, Pick<NewStreamOptions, 'runOnLimitedConnection'> {}

export interface HandleOptions extends Pick<StreamHandlerOptions, 'runOnLimitedConnection'> {}

export interface StreamMigrationService {
  /** The streams that are open, of either end */
  readonly streams: readonly MigratableStream[]

  /**
   * Opens a stream that can be moved. A peer is connected to first, where it is not
   *
   * @throws InvalidParametersError - for an empty protocol, and a `runOnLimitedConnection` that is not true or false
   * @throws UnsupportedProtocolError - when the other end lacks stream migration, or the protocol
   */
  open (target: Connection | PeerId, protocol: string, options?: OpenStreamOptions): Promise<MigratableStream>

  /**
   * Handles the streams of a protocol that others open with `open`; those opened without remain with the registrar
   *
   * @throws InvalidParametersError - for an unknown or wrong option, and when the protocol is handled already
   */
  handle (protocol: string, handler: StreamHandler, options?: HandleOptions): void

  unhandle (protocol: string): void

  /**
   * Moves a stream to another connection to its peer. Resolves when the connection that it leaves is not needed any more,
   * which takes until all that was sent over it has been read. The signal ends the wait; what is agreed on goes on
   *
   * @throws MigrationDeniedError - when the other end denies it, or the stream is being moved already; it stays where it is
   * @throws the error of the new connection where it breaks before both have agreed; the stream stays where it is
   * @throws the error of the stream where one of the connections breaks after that
   */
  migrate (stream: Stream, to: Connection, options?: AbortOptions): Promise<void>
}
