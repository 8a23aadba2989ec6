import { isMultiaddr } from '@multiformats/multiaddr'
import { readAsLibp2p } from '../records/read-as-libp2p.ts'
import { addressText } from './address-text.ts'
import type { SignedRecord } from '../records/types.ts'
import type { Address, Peer, PeerData } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** As much as a record takes the place of, in a peer store */
export type StoredPeer = Partial<Pick<Peer, 'addresses' | 'peerRecordEnvelope'>>

/** What a record makes of a peer in the peer store */
export interface RecordWrite {
  readonly data: PeerData
  /** The addresses in it that others had written before, without the peer's own suffix: the next record does not take them away */
  readonly shared: ReadonlySet<string>
}

/**
 * Returns what to write to the peer store: the addresses of a record, certified, and what lies there for other reasons.
 *
 * @param isOthers whether somebody else than an earlier record has an address there that is certified
 */
export function recordWrite ({ peerId, multiaddrs, envelope }: SignedRecord, stored: StoredPeer, isOthers: (text: string, multiaddr: Multiaddr) => boolean): RecordWrite {
  const addresses = new Map<string, Address>(multiaddrs.map(multiaddr => [multiaddr.toString(), { multiaddr, isCertified: true }]))
  const shared = new Set<string>()

  for (const address of stored.addresses ?? []) {
    const { multiaddr, isCertified } = address

    if (!isMultiaddr(multiaddr)) {
      continue
    }

    const text = addressText(multiaddr, peerId) ?? multiaddr.toString()

    if (!isCertified || isOthers(text, multiaddr)) {
      if (addresses.has(text)) {
        shared.add(text)
      } else {
        addresses.set(text, { multiaddr, isCertified: false })
      }
    }
  }

  return {
    // one that libp2p cannot read would fail each identify of the peer
    data: { peerRecordEnvelope: readAsLibp2p(envelope) == null ? undefined : envelope, addresses: [...addresses.values()] },
    shared
  }
}
