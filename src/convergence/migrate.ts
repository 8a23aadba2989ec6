import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { CLOCK, FUNCTION, MILLISECONDS } from '../pipeline/option-kinds.ts'
import { Migrating } from './migrating.ts'
import type { MigrateInit, Migration, OpenStream, PreferredConnections } from './migration.ts'
import type { Connection } from '@libp2p/interface'

/**
 * Keeps an application's stream on the preferred connection to a peer: when that becomes another, opens a new stream there
 * and switches to it when the old one is idle. Where the new one cannot be opened, or does not last until then, the old one
 * stays. Ends by itself with the current stream, but for one that is lost together with its connection while a new one is
 * open, or on its way: that takes over.
 *
 * It knows bytes, not messages: of a message whose second half is late, of a request whose answer is not there yet, and of
 * bytes that the remote has sent and this node has not received, it sees nothing, and takes the stream for idle. An
 * application whose protocol pauses in such places, for longer than `idle`, says in `isIdle` that there is something open.
 * Nothing is sent again and nothing put in order: what is resumed, and how the remote knows that two streams are one
 * conversation, is for `open` and the protocol.
 *
 * @param open is called for the first stream too
 * @throws InvalidParametersError for an `open` that is not a function, and an unknown or wrong option
 * @throws what `open` throws for the first stream
 */
export async function migrate (dialer: PreferredConnections, connection: Connection, open: OpenStream, init: MigrateInit = {}): Promise<Migration> {
  checkArguments('migrate()', arguments, 4, undefined, InvalidParametersError)
  checkValue('migrate()', open, FUNCTION, InvalidParametersError, 'open')
  checkOptions('migrate()', init, { idle: MILLISECONDS, isIdle: FUNCTION, onSwitch: FUNCTION, clock: CLOCK }, InvalidParametersError)
  const migrating = new Migrating(dialer, connection, open, init)
  await migrating.begin()

  return migrating
}
