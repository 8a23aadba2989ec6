import type { Connection } from '@libp2p/interface'

/** Milliseconds that a connection is given to close in good order */
const CLOSE_TIMEOUT = 1000

/** Closes what nobody wants. Gracefully first: an abort does not close a WebSocket */
export async function closeGently (connection: Connection): Promise<void> {
  try {
    await connection.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT) })
  } catch (err: any) {
    connection.abort(err)
  }
}
