import { multiaddr as toMultiaddr } from '@multiformats/multiaddr'
import { markAddress } from '../../pipeline/address-marks.ts'
import { isOfRelay } from '../attempts/nested.ts'
import type { OuterAttempt } from '../attempts/nested.ts'
import type { ParsedTarget } from './target.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

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

  multiaddrs.splice(0, Infinity, ...multiaddrs.map(one => markAddress(copyOf(one), one.equals(inside ?? one) && inside != null ? vouched : DERIVED)))

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
