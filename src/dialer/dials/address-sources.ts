import { InvalidParametersError } from '@libp2p/interface'
import { multiaddr as toMultiaddr } from '@multiformats/multiaddr'
import { markAddress, markOf, dialSourceIn } from '../../pipeline/address-marks.ts'
import { checkValue } from '../../pipeline/check-options.ts'
import { CLAIMED_SOURCE } from '../../pipeline/source-kinds.ts'
import { isOfRelay } from '../attempts/nested.ts'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { DialAddressBook, DialPipelineOptions } from '../../pipeline/types.ts'
import type { OuterAttempt } from '../attempts/nested.ts'
import type { ParsedTarget } from './target.ts'

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

const CIRCUIT = '/p2p-circuit'

/** The mark of an address that a transport dials beside the one that it was given */
const DERIVED = { provenance: [{ source: 'derived' }] }

/**
 * Says who vouches for the addresses of a dial that a transport asks for: for the relay's address within the address of the
 * attempt, whoever vouches for that. Adds the relay's address where the transport asks for the relay by its peer id
 */
export function vouchForAddresses (requested: ParsedTarget, attempt: OuterAttempt): void {
  const { multiaddrs, peer } = requested
  const { candidate: { provenance, isCertified } } = attempt
  const inside = isOfRelay(attempt, peer) ? relayAddressOf(attempt.multiaddr) : undefined
  const vouched = { provenance, isCertified, isVouched: true }

  multiaddrs.forEach((one, i) => {
    multiaddrs[i] = markAddress(copyOf(one), one.equals(inside ?? one) && inside != null ? vouched : DERIVED)
  })

  if (inside != null && !multiaddrs.some(one => one.equals(inside))) {
    multiaddrs.push(markAddress(inside, { ...vouched, isImplied: multiaddrs.length === 0 }))
  }
}

/** The part before the circuit; undefined where that is no more than a peer id */
function relayAddressOf (multiaddr: Multiaddr): Multiaddr | undefined {
  const relay = toMultiaddr(multiaddr.toString().split(CIRCUIT)[0])

  return relay.getComponents().length > 1 ? relay : undefined
}

/** The object may be the caller's */
function copyOf (multiaddr: Multiaddr): Multiaddr {
  return toMultiaddr(multiaddr.bytes)
}
