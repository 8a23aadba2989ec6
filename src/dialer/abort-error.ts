import { AbortError } from '@libp2p/interface'
import { describeValue } from '../pipeline/describe-value.ts'

/** What a caller is rejected with: the reason of its signal, or an AbortError where that is no Error. libp2p reads its name */
export function abortErrorOf (reason: unknown): Error {
  return reason instanceof Error ? reason : Object.assign(new AbortError(`The dial was aborted with ${describeValue(reason)}`), { cause: reason })
}
