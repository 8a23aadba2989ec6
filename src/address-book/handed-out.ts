import { isMultiaddr } from '@multiformats/multiaddr'
import { merge } from '../pipeline/candidate.ts'
import { PROVEN, SOURCE } from '../pipeline/sources.ts'
import { READ_BACK, SourceTags } from './attribution/source-tags.ts'
import type { KnownAddresses } from './known-addresses.ts'
import type { AddressReports, AddressReport, Candidate } from '../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The addresses that a node has handed out, and their reports when they are passed to a dial */
export class HandedOut {
  /** `withProvenance()` replaces them by its own, before any address is tagged */
  sourceTags = new SourceTags()
  readonly #known: KnownAddresses

  constructor (known: KnownAddresses) {
    this.#known = known
  }

  /** Tags the address of a candidate that others can see. Addresses of the user are not tagged */
  mark ({ multiaddr, provenance }: Pick<Candidate, 'multiaddr' | 'provenance'>, peer?: PeerId): void {
    // a transport may not report where it has connected
    if (!isMultiaddr(multiaddr) || provenance.some(({ source }) => source === SOURCE.user)) {
      return
    }

    const source = this.#known.find(peer?.toString(), multiaddr) == null ? provenance.find(isClaimable)?.source ?? SOURCE.peerStore : SOURCE.peerStore
    this.sourceTags.mark([multiaddr], source === SOURCE.peerStore ? READ_BACK : { source }, peer)
  }

  /** Returns the reports of an address. Undefined: the caller has it from elsewhere */
  reportsOf (multiaddr: Multiaddr, peer?: string): AddressReports | undefined {
    const source = this.sourceTags.of(multiaddr)?.source

    if (source == null) {
      return
    }

    const own = { isCertified: false, provenance: [{ source }] }
    const known = this.#known.find(peer ?? this.sourceTags.peerOf(multiaddr), multiaddr) ?? own
    const { isCertified, provenance } = peer == null ? unproven(known) : known

    // the presence in the peer store is no report if there are others
    return source === SOURCE.peerStore && provenance.length > 0 ? { isCertified, provenance } : merge({ isCertified, provenance }, own)
  }
}

/** Returns whether a source needs no proof. A signature or a connection proves an address for one peer only */
function isClaimable ({ source }: AddressReport): boolean {
  return !PROVEN.includes(source)
}

/** Returns the reports that hold for any peer */
function unproven ({ provenance }: AddressReports): AddressReports {
  return { isCertified: false, provenance: provenance.filter(isClaimable) }
}
