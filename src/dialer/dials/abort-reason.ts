import { AbortError } from '@libp2p/interface'

/** Returns the reason of a signal as it is. An AbortError stands for null, of which libp2p's own listeners would read the name */
export function abortReasonOf (reason: unknown): unknown {
  return reason ?? new AbortError('The dial was aborted without a reason')
}
