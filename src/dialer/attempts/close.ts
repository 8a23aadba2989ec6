import { TimeoutError } from '@libp2p/interface'
import { toError } from '../../pipeline/errors.ts'
import { settledOrAborted } from '../../pipeline/foreign-promises.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { Connection } from '@libp2p/interface'

/** Milliseconds that a connection is given to close in good order */
const CLOSE_TIMEOUT = 1000

/** Closes what nobody wants. Gracefully first: an abort does not close a WebSocket. Never rejects, whatever the connection does */
export async function closeGently (connection: Pick<Connection, 'close' | 'abort'>, clock: Clock): Promise<void> {
  const controller = new AbortController()
  const { signal } = controller
  const cancel = clock.setTimeout(() => { controller.abort(new TimeoutError('The connection took too long to close')) }, CLOSE_TIMEOUT)

  try {
    await settledOrAborted(connection.close({ signal }), signal)
  } catch (err) {
    abort(connection, toError(err))
  } finally {
    cancel()
  }
}

function abort (connection: Pick<Connection, 'abort'>, err: Error): void {
  try {
    connection.abort(err)
  } catch {
    // it has no other end
  }
}
