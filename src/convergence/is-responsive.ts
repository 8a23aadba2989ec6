import { toError } from '../pipeline/errors.ts'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { within } from '../pipeline/time-limit.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Connection } from '@libp2p/interface'

/** The protocol of a check, which no node handles. A ping stream would count against the application's limit of ping streams */
export const CHECK = '/libp2p-dial-pipeline/check/1.0.0'

const TIMEOUT = 5_000

/**
 * Resolves to whether the remote also has the connection open, which this end cannot tell. Opens a stream, because the remote negotiates
 * only after its upgrade is complete and no gater has denied it. An unsupported protocol counts as an answer. Never rejects
 */
export async function isResponsive (connection: Connection, clock: Clock, outer: AbortSignal): Promise<boolean> {
  try {
    await within(TIMEOUT, clock, 'The connection did not answer', [outer], async signal => openAndClose(connection, signal))

    return true
  } catch (err: any) {
    return err?.name === 'UnsupportedProtocolError'
  }
}

async function openAndClose (connection: Connection, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const opening = connection.newStream(CHECK, { signal, negotiateFully: true, runOnLimitedConnection: true })
  const stream = await settledOrAborted(opening, signal).catch(err => {
    // the stream may still open after the abort
    opening.then(late => { late.abort(toError(err)) }).catch(() => {})
    throw err
  })

  await settledOrAborted(stream.close({ signal }), signal).catch(err => { stream.abort(toError(err)) })
}
