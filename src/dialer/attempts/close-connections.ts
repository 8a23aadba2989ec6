import { TimeoutError } from '@libp2p/interface'
import { candidate } from '../../pipeline/candidate.ts'
import { toError } from '../../pipeline/errors.ts'
import { settledOrAborted } from '../../pipeline/foreign-promises.ts'
import type { Connection } from '@libp2p/interface'
import type { Clock } from '../../pipeline/clock.ts'
import type { Candidate } from '../../pipeline/types.ts'

/** Milliseconds that a connection has to close gracefully */
const CLOSE_TIMEOUT = 1000

/** Closes a connection gracefully, and aborts it on an error. An abort alone does not close a WebSocket. Never rejects */
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

/** Closes the connections whose remote is banned. Never rejects */
export async function sever (connections: readonly Connection[], clock: Clock, isBanned: (remote: Candidate) => boolean): Promise<void> {
  // the peer id is added, because the address of an inbound connection may lack it
  const banned = connections.filter(({ remoteAddr, remotePeer }) => isBanned(candidate(remoteAddr, remotePeer)))

  await Promise.all(banned.map(async connection => closeGently(connection, clock)))
}

export function abort (connection: Pick<Connection, 'abort'>, err: Error): void {
  try {
    connection.abort(err)
  } catch {
    // there is no other way to close the connection
  }
}
