import { multiaddr } from '@multiformats/multiaddr'
import { Bounded } from '../pipeline/bounded.ts'
import { SOURCE } from '../pipeline/sources.ts'
import { addressText } from './address-text.ts'
import { expiryOf } from './entry.ts'
import type { Entries } from './entries.ts'
import type { AddressEntry, PeerEntry } from './entry.ts'
import type { KnownAddress } from '../pipeline/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Caps the peers whose parsed addresses are cached */
const MAX_PARSED = 2_048

/** The addresses of a peer as multiaddrs. Undefined: the stored text is not a multiaddr */
type Parsed = WeakMap<AddressEntry, Multiaddr | undefined>

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

    return entry?.addresses.map(address => this.#read(entry, address)).filter(known => known != null) ?? []
  }

  /** Returns one address of a peer. Undefined: the book does not have it */
  find (id: string | undefined, multiaddr: Multiaddr): KnownAddress | undefined {
    const entry = id == null ? undefined : this.#entries.current(id)
    const address = entry?.find(addressText(multiaddr, entry.id) ?? '')

    return entry == null || address == null ? undefined : this.#read(entry, address)
  }

  #read (entry: PeerEntry, address: AddressEntry): KnownAddress | undefined {
    const { text, reports } = address
    const used = this.#entries.used(entry)
    const kept = entry.keptUntil(text, used, this.#entries.now)
    const multiaddr = this.#multiaddrOf(entry.id, address)

    return multiaddr == null
      ? undefined
      : Object.freeze({
        multiaddr,
        isCertified: reports.some(({ source }) => source === SOURCE.certified),
        provenance: Object.freeze(reports.map(one => one.toReport(Math.max(kept, expiryOf(one, used)))))
      })
  }

  #multiaddrOf (id: string, address: AddressEntry): Multiaddr | undefined {
    const parsed = this.#parsed.renew(id, none)

    if (!parsed.has(address)) {
      parsed.set(address, this.#parse(address, id))
    }

    return parsed.get(address)
  }

  #parse ({ text }: AddressEntry, id: string): Multiaddr | undefined {
    try {
      const parsed = multiaddr(text)
      this.#onParsed(parsed, id)

      return parsed
    } catch {
      return undefined
    }
  }
}

function none (): Parsed {
  return new WeakMap()
}
