import { ConnectionClosedError } from '@libp2p/interface'
import { describeValue } from './describe-value.ts'
import { toError, VerificationError } from './errors.ts'
import { settledOrAborted } from './foreign-promises.ts'
import { TimeLimit } from './time-limit.ts'
import type { Verdict } from './authoring/filter.ts'
import type { Clock } from './clock.ts'
import type { DialComponents } from './types.ts'
import type { AbortOptions, Connection } from '@libp2p/interface'

/** Returns true if this is the peer that was wanted; false, or a reason in words, if not. The signal aborts when nobody waits any more */
export type CheckConnection = (connection: Connection, options: Required<AbortOptions>, components: DialComponents) => Verdict | Promise<Verdict>

export interface VerificationInit {
  /** What refuses, for the error */
  readonly name: string
  /** What takes too long when the check does */
  readonly waitsFor?: string
  /** Milliseconds for a check */
  readonly timeout: number
  readonly clock: Clock
  readonly check: (connection: Connection, options: Required<AbortOptions>) => Promise<Verdict>
  /** Makes the error for an answer that is none, from a few words about it */
  readonly invalid: (what: string) => Error
}

/**
 * Checks a connection. The check ends with the outer signal, when its time is over, and when the connection closes
 *
 * @throws VerificationError if the check refuses, fails or takes too long; what `invalid` makes; the outer signal's reason if that
 * has aborted before
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
