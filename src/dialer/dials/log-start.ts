import type { Candidate } from '../../pipeline/types.ts'
import type { Logger, PeerId } from '@libp2p/interface'

/** Logs which addresses a dial has, in the words of libp2p's own dialer */
export function logStart (log: Logger, peerId: PeerId | undefined, candidates: readonly Candidate[]): void {
  if (log.enabled) {
    log('starting dial to %p with %s', peerId, candidates.map(({ id }) => id))
  }
}
