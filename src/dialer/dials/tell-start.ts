import { CustomProgressEvent } from 'progress-events'
import type { AttemptingDial } from './dial-attempt.ts'
import type { Candidate } from '../../pipeline/types.ts'
import type { Logger, PeerId } from '@libp2p/interface'

/** Tells which addresses a dial has, in the words and with the event of libp2p's own dialer */
export function tellStart (log: Logger, dial: Pick<AttemptingDial, 'progress'> & { readonly isListening: boolean }, peerId: PeerId | undefined, candidates: readonly Candidate[]): void {
  if (log.enabled) {
    log('starting dial to %p with %s', peerId, candidates.map(({ id }) => id))
  }

  if (dial.isListening) {
    dial.progress(new CustomProgressEvent('dial-queue:calculated-addresses', [...candidates]))
  }
}
