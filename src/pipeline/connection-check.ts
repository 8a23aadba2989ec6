import { ConnectionClosedError } from '@libp2p/interface'
import { describeValue } from './describe-value.ts'
import { toError, VerificationError } from './errors.ts'
import { settledOrAborted } from './foreign-promises.ts'
import { TimeLimit } from './time-limit.ts'
import type { Verdict } from './authoring/filter.ts'
import type { Clock } from './clock.ts'
import type { DialComponents } from './types.ts'
import type { AbortOptions, Connection } from '@libp2p/interface'

/** Returns true if the peer is the wanted one, or false or a reason in words if not. The signal aborts when the result is no longer needed */
export type CheckConnection = (connection: Connection, options: Required<AbortOptions>, components: DialComponents) => Verdict | Promise<Verdict>

export interface VerificationInit {
  readonly name: string
  /** The subject of the timeout error: the thing that took too long. Default: the check */
  readonly waitsFor?: string
  readonly timeout: number
  readonly clock: Clock
  readonly check: (connection: Connection, options: Required<AbortOptions>) => Promise<Verdict>
  /** Makes the error for an answer of a wrong type, from its description */
  readonly invalid: (what: string) => Error
}

/**
 * Checks a connection. The check ends when the outer signal aborts, when its timeout has passed, and when the connection closes
 *
 * @throws VerificationError if the check refuses, fails or takes too long; the error of `invalid` for an answer of a wrong type; the reason of
 * the outer signal if that had aborted before
 */
export async function verifyConnection (connection: Connection, outer: AbortSignal, { name, check, invalid, ...init }: VerificationInit): Promise<void> {
  outer.throwIfAborted()

  const address = connection.remoteAddr.toString()
  const verdict: unknown = await answerOf(connection, outer, check, init).catch((err: unknown) => {
    const cause = toError(err)
    throw new VerificationError(`${name} refused ${address}: ${cause.message}`, { cause })
  })

  if (typeof verdict !== 'boolean' && typeof verdict !== 'string') {
    throw invalid(`answered ${describeValue(verdict)} for ${address}: a check answers true, false or a reason in words`)
  }

  if (verdict !== true) {
    throw new VerificationError(`${name} refused ${address}${verdict === false ? '' : `: ${verdict}`}`)
  }
}

async function answerOf (connection: Connection, outer: AbortSignal, check: VerificationInit['check'], { timeout, clock, waitsFor = 'the check' }: Pick<VerificationInit, 'timeout' | 'clock' | 'waitsFor'>): Promise<unknown> {
  const time = new TimeLimit(outer)
  const onClose = (): void => { time.abort(new ConnectionClosedError('it was closed while it was checked')) }
  time.start(timeout, clock, `${waitsFor} took longer than ${timeout} ms`)
  connection.addEventListener('close', onClose, { once: true })

  try {
    return await settledOrAborted(check(connection, { signal: time.signal }), time.signal)
  } finally {
    time.end()
    connection.removeEventListener('close', onClose)
  }
}
