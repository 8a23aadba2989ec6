import { TimeoutError } from '@libp2p/interface'
import type { Clock } from '../pipeline/clock.ts'
import type { Connection } from '@libp2p/interface'

const PING = '/ipfs/ping/1.0.0'

/** Milliseconds */
const TIMEOUT = 5_000

/**
 * Whether the other end of a connection has it open too, which its own end does not tell: a stream is negotiated there only when
 * the upgrade is complete and no gater has denied it. That the protocol is not known is an answer as well. Never rejects
 */
export async function answers (connection: Connection, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const controller = new AbortController()
  const onAbort = (): void => { controller.abort(signal.reason) }
  const cancel = clock.setTimeout(() => { controller.abort(new TimeoutError('The connection did not answer')) }, TIMEOUT)
  signal.addEventListener('abort', onAbort, { once: true })

  try {
    signal.throwIfAborted()
    const stream = await connection.newStream(PING, { signal: controller.signal, negotiateFully: true, runOnLimitedConnection: true })

    try {
      await stream.close({ signal: controller.signal })
    } catch (err: any) {
      stream.abort(err)
    }

    return true
  } catch (err: any) {
    return err.name === 'UnsupportedProtocolError'
  } finally {
    cancel()
    signal.removeEventListener('abort', onAbort)
  }
}
