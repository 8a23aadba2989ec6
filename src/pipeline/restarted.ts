import { AbortError } from '@libp2p/interface'

/** Why an attempt ended that is to begin anew. Shared: creating an Error costs more than the rest of a cancellation */
export const RESTARTED = new AbortError('The network has changed: the attempt begins anew')

/** The same of an attempt that left its place to others */
export const PLACE_LEFT = new AbortError('Others wait for the place: the attempt begins anew behind them')

/** The same of an attempt that the connection gater has allowed after a while: others may be in flight */
export const ALLOWED_LATE = new AbortError('The connection gater has allowed the address: the attempt begins anew at the pace of its race')

/** Whether an attempt ended without an outcome, to begin anew */
export function isRestart (error: unknown): error is Error {
  return error === RESTARTED || error === PLACE_LEFT || error === ALLOWED_LATE
}
