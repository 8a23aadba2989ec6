import { peerOf } from '../../pipeline/candidate.ts'
import { isWrongPeer } from '../../pipeline/errors.ts'
import { failureOf, isOwnFailure } from '../../history/failure.ts'
import { recorderOf } from '../../history/recorder.ts'
import { readPeerId } from './read-peer-id.ts'
import type { Attempted } from '../../history/history.ts'
import type { DialComponents } from '../../pipeline/types.ts'

/** Tells the node's history, and its address book, how an attempt has ended */
export function recordOutcome ({ history, addressBook }: DialComponents, attempt: Attempted): void {
  const { candidate, error, isCancelled, startedAt, firstResponseAt, endedAt } = attempt
  recorderOf(history).attempted?.(attempt)

  if (isCancelled || (error != null && isOwnFailure(failureOf(error, endedAt - startedAt, firstResponseAt != null)))) {
    return
  }

  addressBook?.attempted?.(candidate, error == null ? 'connected' : 'failed')

  const text = peerOf(candidate.multiaddr)
  const peer = text == null ? undefined : readPeerId(text)

  if (error != null && peer != null && isWrongPeer(error)) {
    addressBook?.refute?.(peer, candidate.multiaddr)
  }
}
