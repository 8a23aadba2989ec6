import { multiaddr } from '@multiformats/multiaddr'
import { Bounded } from '../pipeline/bounded.ts'
import { SOURCE } from '../pipeline/sources.ts'
import { addressText } from './address-text.ts'
import { expiryOf } from './entry.ts'
import type { Entries } from './entries.ts'
import type { AddressEntry, PeerEntry } from './entry.ts'
import type { KnownAddress } from '../pipeline/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The maximum number of peers whose parsed addresses are cached */
const MAX_PARSED = 2_048

/** The addresses of a peer as multiaddrs */
type Parsed = WeakMap<AddressEntry, Multiaddr>

/** Reads the book in its public form. Each address of a peer is one multiaddr object, by which its peer is known */
export class KnownAddresses {
  readonly #entries: Entries
  readonly #onParsed: (multiaddr: Multiaddr, peer: string) => void
  readonly #parsed = new Bounded<Parsed>(MAX_PARSED)

  /** @param onParsed - called with each new multiaddr object before it is handed out */
  constructor (entries: Entries, onParsed: (multiaddr: Multiaddr, peer: string) => void) {
    this.#entries = entries
    this.#onParsed = onParsed
  }

  /** Returns the addresses of a peer */
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

  #read (entry: PeerEntry, addresses: readonly AddressEntry[]): KnownAddress[] {
    const { now } = this.#entries
    const used = this.#entries.used(entry)
    const parsed = this.#parsed.renew(entry.id, none)
    const all: KnownAddress[] = []

    for (const address of addresses) {
      const multiaddr = parsed.get(address) ?? this.#parse(address, entry.id, parsed)

      if (multiaddr != null) {
        const kept = entry.keptUntil(address.text, used, now)

        all.push(Object.freeze({
          multiaddr,
          isCertified: address.reports.some(({ source }) => source === SOURCE.certified),
          provenance: Object.freeze(address.reports.map(one => one.toReport(Math.max(kept, expiryOf(one, used)))))
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
      this.#onParsed(parsed, id)

      return parsed
    } catch {
      return undefined
    }
  }
}

const none = (): Parsed => new WeakMap()
