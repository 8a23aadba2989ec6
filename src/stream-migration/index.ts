/**
 * An experiment: the service that moves an open stream to another connection of the same peer.
 *
 * @module libp2p-dial-pipeline/stream-migration
 */

import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { CLOCK } from '../pipeline/option-kinds.ts'
import { StreamMigration } from './stream-migration.ts'
import type { StreamMigrationComponents, StreamMigrationInit, StreamMigrationService } from './types.ts'

/**
 * Returns a libp2p service that moves open streams from one connection to another. No byte is lost, duplicated or reordered
 *
 * Experimental: both ends need this service. Nothing else in this package depends on it.
 *
 * @throws InvalidParametersError for an unknown or wrong option
 */
export function streamMigration (init: StreamMigrationInit = {}): (components: StreamMigrationComponents) => StreamMigrationService {
  checkArguments('streamMigration()', arguments, 1, undefined, InvalidParametersError)
  checkOptions('streamMigration()', init, { clock: CLOCK }, InvalidParametersError)

  return components => new StreamMigration(components, init)
}

export type { MigratableStream, StreamMigrationComponents, StreamMigrationService } from './types.ts'
