import { AbortError } from '@libp2p/interface'

/** Why an attempt ended that is to begin anew. Shared: creating an Error costs more than the rest of a cancellation */
export const RESTARTED = new AbortError('The network has changed: the attempt begins anew')
