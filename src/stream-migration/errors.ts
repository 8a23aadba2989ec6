/** A connection closed, or ended the stream, before all bytes of the stream had arrived */
export class StreamTruncatedError extends Error {
  static override readonly name = 'StreamTruncatedError'
  override readonly name = 'StreamTruncatedError'
}

/** The stream cannot be moved now. It stays on its connection */
export class MigrationDeniedError extends Error {
  static override readonly name = 'MigrationDeniedError'
  override readonly name = 'MigrationDeniedError'
}

/** The remote has violated the protocol */
export class InvalidFrameError extends Error {
  static override readonly name = 'InvalidFrameError'
  override readonly name = 'InvalidFrameError'
}
