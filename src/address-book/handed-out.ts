import { isMultiaddr } from '@multiformats/multiaddr'
import { merge } from '../pipeline/candidate.ts'
import { PROVEN, SOURCE } from '../pipeline/sources.ts'
import { READ_BACK, SourceTags } from './attribution/source-tags.ts'
import type { KnownAddresses } from './known-addresses.ts'
import type { AddressReports, Attestation, Candidate } from '../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The addresses that a node has handed out, and who stands for one that is passed on to a dial */
export class HandedOut {
  /** `withProvenance` puts its own there, before there are any */
  sourceTags = new SourceTags()
  readonly #known: KnownAddresses

  constructor (known: KnownAddresses) {
    this.#known = known
  }

  /** Marks the address of a candidate that others will see. An address of the user stays the user's */
  mark ({ multiaddr, provenance }: Pick<Candidate, 'multiaddr' | 'provenance'>, peer?: PeerId): void {
    // a transport may say nothing of where it has connected
    if (!isMultiaddr(multiaddr) || provenance.some(({ source }) => source === SOURCE.user)) {
      return
    }

    const source = this.#known.find(peer?.toString(), multiaddr) == null ? provenance.find(isClaimable)?.source ?? SOURCE.peerStore : SOURCE.peerStore
    this.sourceTags.mark([multiaddr], source === SOURCE.peerStore ? READ_BACK : { source }, peer)
  }

  /** Returns who stands for an address; undefined: whoever passes it on has it from elsewhere */
  reportsOf (multiaddr: Multiaddr, peer?: string): AddressReports | undefined {
    const source = this.sourceTags.of(multiaddr)?.source

    if (source == null) {
      return
    }

    const own = { isCertified: false, provenance: [{ source }] }
    const known = this.#known.find(peer ?? this.sourceTags.peerOf(multiaddr), multiaddr) ?? own
    const { isCertified, provenance } = peer == null ? unproven(known) : known

    // that it lies in the peer store is no report where there are others
    return source === SOURCE.peerStore && provenance.length > 0 ? { isCertified, provenance } : merge({ isCertified, provenance }, own)
  }
}

/** A signature or a connection is proof for one peer, of what stands in the book. Another peer's record proves nothing */
function isClaimable ({ source }: Attestation): boolean {
  return !PROVEN.includes(source)
}

/** The same for whatever peer answers */
function unproven ({ provenance }: AddressReports): AddressReports {
  return { isCertified: false, provenance: provenance.filter(isClaimable) }
}
