import { isMultiaddr } from '@multiformats/multiaddr'
import { addressText } from './address-text.ts'
import type { AbortOptions, Address, PeerData, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Marks an operation of the address book on the peer store: observers skip it, and it does not wait for the peer's lock, which the book holds */
const OWN_OPERATION = Symbol.for('libp2p-dial-pipeline.own-write')

/** The key of the peer metadata that dialers write after a successful dial, together with the address that answered */
const SUCCESS = 'last-dial-success'

interface Marked extends AbortOptions {
  [OWN_OPERATION]?: boolean
}

export function asOwnOperation (options: AbortOptions): Marked {
  return { ...options, [OWN_OPERATION]: true }
}

export function isOwnOperation (options: Marked | undefined): boolean {
  return options?.[OWN_OPERATION] === true
}

/**
 * Returns the multiaddrs of a write. The peer store refuses anything else in it
 *
 * @param select whether to return one of `addresses`. Default: all
 */
export function multiaddrsOf ({ addresses, multiaddrs }: PeerData, select: (address: Address) => boolean = () => true): Multiaddr[] {
  const named = toArray(addresses).filter(address => address != null && select(address))

  return [...named.map(({ multiaddr }) => multiaddr), ...toArray(multiaddrs)].filter(isMultiaddr)
}

/** Returns a list of a write. The peer store ignores null, accepts a Set, and refuses other values itself */
function toArray<T> (value: T[] | Set<T> | null | undefined): T[] {
  return Array.isArray(value) || value instanceof Set ? [...value] : []
}

/** Returns whether a write sets addresses, possibly to none */
export function hasAddresses ({ addresses, multiaddrs }: PeerData): boolean {
  return addresses != null || multiaddrs != null
}

/** Returns whether a write is that of a dialer after a success: its address has answered */
export function isSuccessWrite ({ metadata }: PeerData): boolean {
  return metadata instanceof Map ? metadata.has(SUCCESS) : metadata?.[SUCCESS] != null
}

/**
 * Returns the stored addresses that a write would remove and that shall stay, uncertified
 *
 * @param isKept gets the text of the address without the peer's own /p2p suffix
 */
export function keptAddresses (peer: PeerId, data: PeerData, stored: readonly Address[], isKept: (text: string, address: Address) => boolean): Address[] {
  const named = new Set(multiaddrsOf(data).map(multiaddr => addressText(multiaddr, peer)))

  return stored.flatMap(address => {
    const { multiaddr } = address
    const text = isMultiaddr(multiaddr) ? addressText(multiaddr, peer) ?? multiaddr.toString() : undefined

    if (text == null || named.has(text) || !isKept(text, address)) {
      return []
    }

    // deduplicated: the address may be stored with and without the suffix
    named.add(text)

    return [{ multiaddr, isCertified: false }]
  })
}
