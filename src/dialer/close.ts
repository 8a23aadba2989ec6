import { TimeoutError } from '@libp2p/interface'
import type { Clock } from '../pipeline/clock.ts'
import type { Connection } from '@libp2p/interface'

/** Milliseconds that a connection is given to close in good order */
const CLOSE_TIMEOUT = 1000

/** Closes what nobody wants. Gracefully first: an abort does not close a WebSocket */
export async function closeGently (connection: Pick<Connection, 'close' | 'abort'>, clock: Clock): Promise<void> {
  const controller = new AbortController()
  const cancel = clock.setTimeout(() => { controller.abort(new TimeoutError('The connection took too long to close')) }, CLOSE_TIMEOUT)

  try {
    await connection.close({ signal: controller.signal })
  } catch (err: any) {
    connection.abort(err)
  } finally {
    cancel()
  }
}
