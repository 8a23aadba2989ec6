/** A connection went away, or ended the stream, with bytes of it still on the way */
export class StreamTruncatedError extends Error {
  static override name = 'StreamTruncatedError'

  constructor (message = 'The connection ended before the stream did') {
    super(message)
    this.name = 'StreamTruncatedError'
  }
}

/** The stream cannot be moved now, and stays where it is */
export class MigrationDeniedError extends Error {
  static override name = 'MigrationDeniedError'

  constructor (message = 'The other end denied the migration') {
    super(message)
    this.name = 'MigrationDeniedError'
  }
}

/** The other end does not keep to the protocol */
export class InvalidFrameError extends Error {
  static override name = 'InvalidFrameError'

  constructor (message = 'The frame is invalid') {
    super(message)
    this.name = 'InvalidFrameError'
  }
}
