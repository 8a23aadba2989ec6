import { multiaddr } from '@multiformats/multiaddr'
import { Bounded } from '../pipeline/bounded.ts'
import { SOURCE } from '../pipeline/sources.ts'
import { addressText } from './address-text.ts'
import { untilOf } from './entry.ts'
import type { Entries } from './entries.ts'
import type { AddressEntry, PeerEntry } from './entry.ts'
import type { KnownAddress } from '../pipeline/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Peers whose parsed addresses are wanted again soon */
const MAX_PARSED = 2_048

/** The addresses of a peer as multiaddrs; undefined: what was read from a datastore is none */
type Parsed = WeakMap<AddressEntry, Multiaddr | undefined>

/** Reads what a book knows, as others may see it. Each address of a peer is one object, which says of which peer it is */
export class KnownAddresses {
  readonly #entries: Entries
  readonly #onParsed: (multiaddr: Multiaddr, peer: string) => void
  readonly #parsed = new Bounded<Parsed>(MAX_PARSED)

  /** @param onParsed - is told of each object before anybody has it */
  constructor (entries: Entries, onParsed: (multiaddr: Multiaddr, peer: string) => void) {
    this.#entries = entries
    this.#onParsed = onParsed
  }

  /** Returns the addresses of a peer */
  of (id: string): KnownAddress[] {
    const entry = this.#entries.current(id)

    return entry?.addresses.map(address => this.#read(entry, address)).filter(known => known != null) ?? []
  }

  /** Returns one address of a peer; undefined: the book does not have it */
  find (id: string | undefined, multiaddr: Multiaddr): KnownAddress | undefined {
    const entry = id == null ? undefined : this.#entries.current(id)
    const address = entry?.find(addressText(multiaddr, entry.id) ?? '')

    return entry == null || address == null ? undefined : this.#read(entry, address)
  }

  #read (entry: PeerEntry, address: AddressEntry): KnownAddress | undefined {
    const { text, evidence } = address
    const used = this.#entries.used(entry)
    const held = entry.heldUntil(text, used, this.#entries.now)
    const multiaddr = this.#multiaddrOf(entry.id, address)

    return multiaddr == null
      ? undefined
      : Object.freeze({
        multiaddr,
        isCertified: evidence.some(({ source }) => source === SOURCE.certified),
        provenance: Object.freeze(evidence.map(one => one.toAttestation(Math.max(held, untilOf(one, used)))))
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
