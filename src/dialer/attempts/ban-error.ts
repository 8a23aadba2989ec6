import { DialDeniedError } from '../../pipeline/errors.ts'
import type { Candidate, DialBans } from '../../pipeline/types.ts'

/** Returns the error for an address that is banned now; undefined: it is not */
export function banErrorOf (candidate: Candidate, bans: DialBans | undefined): DialDeniedError | undefined {
  const reason = bans?.reasonFor(candidate)

  return reason == null ? undefined : new DialDeniedError(`Cannot dial ${candidate.id}: ${reason}`)
}
