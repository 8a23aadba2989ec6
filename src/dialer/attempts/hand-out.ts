import { toError } from '../../pipeline/errors.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

/**
 * Tells the address book that a dial shows an address to others, in a trace, an event or a connection: it keeps its sources in a dial of
 * whoever takes it from there. A book that throws harms no dial
 */
export function handOut (candidate: Candidate, peer: PeerId | undefined, { addressBook, logger }: Pick<DialComponents, 'addressBook' | 'logger'>): void {
  try {
    addressBook?.handOut?.(candidate, peer)
  } catch (err) {
    logger.forComponent('libp2p:dial-pipeline').error('the address book could not note an address that was handed out - %e', toError(err))
  }
}
