import { AbortError } from '@libp2p/interface'

/** What a caller is rejected with: the reason of its signal as it is. Of none libp2p would read the name: an AbortError stands for it */
export function abortReasonOf (reason: unknown): unknown {
  return reason ?? new AbortError('The dial was aborted without a reason')
}
