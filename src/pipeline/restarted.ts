import { AbortError } from '@libp2p/interface'

/** Why an attempt ended that is to begin anew. Shared: creating an Error costs more than the rest of a cancellation */
export const RESTARTED = new AbortError('The network has changed: the attempt begins anew')

/** The same of an attempt that left its place to others */
export const PLACE_LEFT = new AbortError('Others wait for the place: the attempt begins anew behind them')

/** Whether an attempt ended without an outcome, to begin anew */
export function isRestart (error: unknown): error is Error {
  return error === RESTARTED || error === PLACE_LEFT
}
