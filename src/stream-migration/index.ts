import { StreamMigration } from './stream-migration.ts'
import type { StreamMigrationComponents, StreamMigrationInit, StreamMigrationService } from './types.ts'

/**
 * A libp2p service that moves open streams from one connection to another, with no byte lost, doubled or reordered.
 * An experiment: both ends need it, and nothing else depends on it
 */
export function streamMigration (init: StreamMigrationInit = {}): (components: StreamMigrationComponents) => StreamMigrationService {
  return components => new StreamMigration(components, init)
}

export { InvalidFrameError, MigrationDeniedError, StreamTruncatedError } from './errors.ts'
export { PROTOCOL } from './protocol.ts'
export type { HandleOptions, MigratableStream, OpenStreamOptions, StreamMigrationComponents, StreamMigrationInit, StreamMigrationService } from './types.ts'
