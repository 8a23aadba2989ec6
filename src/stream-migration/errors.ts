/** A connection closed, or ended the stream, before all bytes of the stream had arrived */
export class StreamTruncatedError extends Error {
  static override name = 'StreamTruncatedError'

  constructor (message = 'The connection ended before the stream did') {
    super(message)
    this.name = 'StreamTruncatedError'
  }
}

/** The stream cannot be moved now. It stays on its connection */
export class MigrationDeniedError extends Error {
  static override name = 'MigrationDeniedError'

  constructor (message = 'The other end denied the migration') {
    super(message)
    this.name = 'MigrationDeniedError'
  }
}

/** The remote has violated the protocol */
export class InvalidFrameError extends Error {
  static override name = 'InvalidFrameError'

  constructor (message = 'The frame is invalid') {
    super(message)
    this.name = 'InvalidFrameError'
  }
}
