import { isMultiaddr, multiaddr } from '@multiformats/multiaddr'
import { Bounded } from '../pipeline/bounded.ts'
import { merge } from '../pipeline/candidate.ts'
import { PROVEN, SOURCE } from '../pipeline/sources.ts'
import { addressText } from './address-text.ts'
import { READ_BACK, SourceTags } from './attribution/source-tags.ts'
import { expiryOf } from './entry.ts'
import type { Entries } from './entries.ts'
import type { AddressEntry, PeerEntry } from './entry.ts'
import type { AddressReport, AddressReports, Candidate, KnownAddress } from '../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The maximum number of peers whose parsed addresses are cached */
const MAX_PARSED = 2_048

/** The addresses of a peer as multiaddrs */
type Parsed = WeakMap<AddressEntry, Multiaddr>

/**
 * Reads the book in its public form, and knows the addresses that a node has handed out when they are passed to a dial. Each address of a peer is one
 * multiaddr object, by which its peer is known
 */
export class KnownAddresses {
  /** The tags of this node's addresses. `withProvenance()` replaces them by its own, before any address is tagged */
  sourceTags = new SourceTags()
  readonly #entries: Entries
  readonly #parsed = new Bounded<Parsed>(MAX_PARSED)

  constructor (entries: Entries) {
    this.#entries = entries
  }

  of (id: string): KnownAddress[] {
    const entry = this.#entries.current(id)

    return entry == null ? [] : this.#read(entry, entry.addresses)
  }

  /** Returns one address of a peer. Undefined: the book does not have it */
  find (id: string | undefined, multiaddr: Multiaddr): KnownAddress | undefined {
    const entry = id == null ? undefined : this.#entries.current(id)
    const address = entry?.find(addressText(multiaddr, entry.id) ?? '')

    return entry == null || address == null ? undefined : this.#read(entry, [address])[0]
  }

  /** Tags the address of a candidate before other code gets it. Addresses of the user are not tagged */
  mark ({ multiaddr, provenance }: Pick<Candidate, 'multiaddr' | 'provenance'>, peer?: PeerId): void {
    // the address may be missing: not every transport reports where it has connected
    if (!isMultiaddr(multiaddr) || provenance.some(({ source }) => source === SOURCE.user)) {
      return
    }

    const source = this.find(peer?.toString(), multiaddr) == null ? provenance.find(isClaimable)?.source ?? SOURCE.peerStore : SOURCE.peerStore
    this.sourceTags.mark([multiaddr], source === SOURCE.peerStore ? READ_BACK : { source }, peer)
  }

  /** Returns the reports of an address. Undefined: the caller has it from elsewhere */
  reportsOf (multiaddr: Multiaddr, peer?: string): AddressReports | undefined {
    const source = this.sourceTags.of(multiaddr)?.source

    if (source == null) {
      return
    }

    const own = { isCertified: false, provenance: [{ source }] }
    const known = this.find(peer ?? this.sourceTags.peerOf(multiaddr), multiaddr) ?? own
    const { isCertified, provenance } = peer == null ? unproven(known) : known

    // the presence in the peer store is no report if there are others
    return source === SOURCE.peerStore && provenance.length > 0 ? { isCertified, provenance } : merge({ isCertified, provenance }, own)
  }

  #read (entry: PeerEntry, addresses: readonly AddressEntry[]): KnownAddress[] {
    const { trust } = this.#entries
    const used = this.#entries.used(entry.id)
    const parsed = this.#parsed.renew(entry.id, none)
    const all: KnownAddress[] = []

    for (const address of addresses) {
      const reports = address.validReports(trust)
      const multiaddr = reports == null ? undefined : parsed.get(address) ?? this.#parse(address, entry.id, parsed)

      if (reports != null && multiaddr != null) {
        const kept = entry.keptUntil(address.text, used)

        all.push(Object.freeze({
          multiaddr,
          isCertified: reports.some(({ source }) => source === SOURCE.certified),
          provenance: Object.freeze(reports.map(one => one.toReport(Math.max(kept, expiryOf(one, used)))))
        }))
      }
    }

    return all
  }

  /** Parses an address and caches the result. Undefined: the stored text is not a multiaddr */
  #parse (address: AddressEntry, id: string, cache: Parsed): Multiaddr | undefined {
    try {
      const parsed = multiaddr(address.text)
      cache.set(address, parsed)
      this.sourceTags.mark([parsed], READ_BACK, id)

      return parsed
    } catch {
      return undefined
    }
  }
}

const none = (): Parsed => new WeakMap()

/** Returns whether a source needs no proof. A signature or a connection proves an address for one peer only */
function isClaimable ({ source }: AddressReport): boolean {
  return !PROVEN.includes(source)
}

/** Returns the reports that hold for any peer */
function unproven ({ provenance }: AddressReports): AddressReports {
  return { isCertified: false, provenance: provenance.filter(isClaimable) }
}
