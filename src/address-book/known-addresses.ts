import { multiaddr } from '@multiformats/multiaddr'
import { SOURCE } from '../pipeline/sources.ts'
import { addressText } from './address-text.ts'
import { untilOf } from './entry.ts'
import { Recent } from './recent.ts'
import type { Entries } from './entries.ts'
import type { AddressEntry, PeerEntry } from './entry.ts'
import type { KnownAddress } from '../pipeline/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Of parsed addresses that are wanted again soon */
const MAX_RECENT = 4_096

/** Reads what a book knows, as others may see it */
export class KnownAddresses {
  readonly #entries: Entries
  readonly #parsed = new Recent<Multiaddr | null>(MAX_RECENT)

  constructor (entries: Entries) {
    this.#entries = entries
  }

  /** Returns the addresses of a peer */
  of (id: string): KnownAddress[] {
    const entry = this.#entries.current(id)
    const used = entry == null ? undefined : this.#entries.used(entry)

    return entry?.addresses.flatMap(address => this.#known(entry, address, used) ?? []) ?? []
  }

  /** Returns one address of a peer; undefined: the book does not have it */
  find (id: string | undefined, multiaddr: Multiaddr): KnownAddress | undefined {
    const entry = id == null ? undefined : this.#entries.current(id)
    const address = id == null ? undefined : entry?.find(addressText(multiaddr, id) ?? '')

    return entry == null || address == null ? undefined : this.#known(entry, address, this.#entries.used(entry))
  }

  #known (entry: PeerEntry, { text, evidence }: AddressEntry, used: readonly string[] | undefined): KnownAddress | undefined {
    const multiaddr = this.#parsed.get(text, parse)
    const held = entry.heldUntil(text, used)

    return multiaddr == null
      ? undefined
      : Object.freeze({
        multiaddr,
        isCertified: evidence.some(({ source }) => source === SOURCE.certified),
        provenance: Object.freeze(evidence.map(one => one.toAttestation(Math.max(held, untilOf(one, used)))))
      })
  }
}

/** What was read from a datastore is not parsed before it is wanted */
function parse (text: string): Multiaddr | null {
  try {
    return multiaddr(text)
  } catch {
    return null
  }
}
