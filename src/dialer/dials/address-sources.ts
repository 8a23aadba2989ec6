import { InvalidParametersError } from '@libp2p/interface'
import { multiaddr as toMultiaddr } from '@multiformats/multiaddr'
import { markAddress, markOf } from '../../pipeline/address-marks.ts'
import { checkValue } from '../../pipeline/check-options.ts'
import { dialSourceIn } from '../../pipeline/dial-source.ts'
import { CLAIMED_SOURCE } from '../../pipeline/source-kinds.ts'
import type { ParsedTarget } from './target.ts'
import type { DialAddressBook, DialPipelineOptions } from '../../pipeline/types.ts'

/** How DCUtR dials, in every version of libp2p. Nobody else asks for the part of the responder */
const DCUTR = { force: true, initiator: false, priority: 100 }

/**
 * Returns the source that the caller of a dial, or the service that dials, claims for its addresses
 *
 * @throws InvalidParametersError for what is not a name, a misspelt source, and one that nobody can claim
 */
export function claimedSource (options: DialPipelineOptions): string | undefined {
  const { source = dialSourceIn(options) } = options as { source?: unknown }

  if (source === undefined) {
    return
  }

  checkValue('The dial option "source"', source, CLAIMED_SOURCE, InvalidParametersError)

  return source as string
}

/**
 * Says which sources the addresses of a caller have, where that is not the user: the one that is claimed for them, or those that the
 * node knows of an address which it has handed out itself
 */
export function sourceAddresses ({ multiaddrs, peer }: ParsedTarget, claimed: string | undefined, options: DialPipelineOptions, addressBook: DialAddressBook | undefined): void {
  const ofCaller = claimed ?? (isDcutr(options) ? 'dcutr' : undefined)

  multiaddrs.forEach((one, i) => {
    const reports = ofCaller == null ? addressBook?.reportsOf?.(one, peer) : { provenance: [{ source: ofCaller }] }

    // what an earlier dial has marked holds for that dial, and the object may be dialled again by somebody else
    if (reports != null) {
      multiaddrs[i] = markAddress(toMultiaddr(one.bytes), reports)
    } else if (markOf(one) != null) {
      multiaddrs[i] = toMultiaddr(one.bytes)
    }
  })
}

function isDcutr ({ force, initiator, priority }: DialPipelineOptions): boolean {
  return force === DCUTR.force && initiator === DCUTR.initiator && priority === DCUTR.priority
}
