import type { Clock } from '../pipeline/clock.ts'
import type { AbortOptions, Connection, NewStreamOptions, PeerId, Stream, StreamHandler, StreamHandlerOptions } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'

/** The components of a libp2p node that the service uses */
export interface StreamMigrationComponents {
  connectionManager: ConnectionManager
  peerId: PeerId
  registrar: Registrar
}

export interface StreamMigrationInit {
  /** Source of time. Default: the system's clock */
  clock?: Clock | undefined
}

/** A stream that can be moved to another connection to the same peer. Use it like any other stream */
export interface MigratableStream extends Stream {
  /** The connection that the stream writes to. Changes when the stream is moved */
  readonly connection: Connection
}

export interface OpenStreamOptions extends AbortOptions, Pick<NewStreamOptions, 'runOnLimitedConnection'> {}

export interface HandleOptions extends Pick<StreamHandlerOptions, 'runOnLimitedConnection'> {}

/** Opens streams that can move to another connection, and handles those of other nodes */
export interface StreamMigrationService {
  /** The open streams, whichever end opened them */
  readonly streams: readonly MigratableStream[]

  /**
   * Opens a stream that can be moved. Connects to a peer first, if it is not connected
   *
   * @throws InvalidParametersError for a wrong target, an empty protocol, and a `runOnLimitedConnection` that is not true or false
   * @throws UnsupportedProtocolError when the remote lacks stream migration, or the protocol
   */
  open (target: Connection | PeerId, protocol: string, options?: OpenStreamOptions): Promise<MigratableStream>

  /**
   * Handles the streams of a protocol that remotes open with `open()`. Streams that are opened without it go to the registrar
   *
   * @throws InvalidParametersError for an unknown or wrong option, and when the protocol is handled already
   */
  handle (protocol: string, handler: StreamHandler, options?: HandleOptions): void

  unhandle (protocol: string): void

  /**
   * Moves a stream to another connection to its peer. Resolves when everything on the old connection has been read, so that it is
   * not needed any more. An abort ends the wait, but not a move that both ends have agreed on
   *
   * @throws MigrationDeniedError when the remote denies the move, or the stream is being moved already. The stream stays where it is
   * @throws the error of the new connection when it fails before both ends have agreed. The stream stays where it is
   * @throws the error of the stream when one of the connections fails after that
   */
  migrate (stream: Stream, to: Connection, options?: AbortOptions): Promise<void>
}
