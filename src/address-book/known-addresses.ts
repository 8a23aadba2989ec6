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

/** The addresses of a peer, and what they are when they are parsed; undefined: what was read from a datastore is none */
interface Parsed {
  addresses: readonly AddressEntry[]
  multiaddrs: ReadonlyArray<Multiaddr | undefined>
}

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
    const known: KnownAddress[] = []

    if (entry != null) {
      const multiaddrs = this.#multiaddrsOf(entry)

      entry.addresses.forEach((address, i) => {
        const multiaddr = multiaddrs[i]

        if (multiaddr != null) {
          known.push(this.#knownAddress(entry, address, multiaddr))
        }
      })
    }

    return known
  }

  /** Returns one address of a peer; undefined: the book does not have it */
  find (id: string | undefined, multiaddr: Multiaddr): KnownAddress | undefined {
    const entry = id == null ? undefined : this.#entries.current(id)
    const address = id == null ? undefined : entry?.find(addressText(multiaddr, id) ?? '')

    if (entry == null || address == null) {
      return
    }

    const own = this.#multiaddrsOf(entry)[entry.addresses.indexOf(address)]

    return own == null ? undefined : this.#knownAddress(entry, address, own)
  }

  #knownAddress (entry: PeerEntry, { text, evidence }: AddressEntry, multiaddr: Multiaddr): KnownAddress {
    const used = this.#entries.used(entry)
    const held = entry.heldUntil(text, used, this.#entries.now)

    return Object.freeze({
      multiaddr,
      isCertified: evidence.some(({ source }) => source === SOURCE.certified),
      provenance: Object.freeze(evidence.map(one => one.toAttestation(Math.max(held, untilOf(one, used)))))
    })
  }

  #multiaddrsOf ({ id, addresses }: PeerEntry): ReadonlyArray<Multiaddr | undefined> {
    const parsed = this.#parsed.renew(id, none)

    if (parsed.addresses !== addresses) {
      parsed.multiaddrs = addresses.map(address => {
        const before = parsed.addresses.indexOf(address)

        return before === -1 ? this.#parse(address, id) : parsed.multiaddrs[before]
      })
      parsed.addresses = addresses
    }

    return parsed.multiaddrs
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
  return { addresses: [], multiaddrs: [] }
}
