import { CODE_P2P, CODE_P2P_CIRCUIT, multiaddr } from '@multiformats/multiaddr'
import { canonicalPeer } from '../address/peer-id.ts'
import { isOversized, MAX_ADDRESS_BYTES } from '../pipeline/candidate.ts'
import { safeText } from '../pipeline/safe-text.ts'
import { readAddressInfo } from './peer-record.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** An address of a record that was skipped */
export interface SkippedAddress {
  readonly reason: 'empty' | 'unparsable' | 'oversized' | 'other-peer' | 'duplicate'
  /** The address or the error, as text to read */
  readonly text: string
}

export interface RecordAddresses {
  /** The valid addresses, without the peer's own /p2p suffix, deduplicated */
  readonly multiaddrs: readonly Multiaddr[]
  readonly skipped: readonly SkippedAddress[]
}

/** Returns the addresses of a peer's record. Never throws: wrong addresses are skipped */
export function readAddresses (infos: readonly Uint8Array[], peerId: PeerId): RecordAddresses {
  const multiaddrs = new Map<string, Multiaddr>()
  const skipped: SkippedAddress[] = []

  for (const info of infos) {
    const address = readAddress(info, peerId)

    if ('reason' in address) {
      skipped.push(address)
    } else if (multiaddrs.has(address.toString())) {
      skipped.push({ reason: 'duplicate', text: address.toString() })
    } else {
      multiaddrs.set(address.toString(), address)
    }
  }

  return { multiaddrs: [...multiaddrs.values()], skipped: skipped.map(({ reason, text }) => ({ reason, text: safeText(text, MAX_ADDRESS_BYTES) })) }
}

/** Returns an address without the peer's own /p2p suffix, which may be repeated. Undefined: it leads to another peer */
export function ownAddress (address: Multiaddr, peerId: PeerId | string): Multiaddr | undefined {
  const components = address.getComponents()
  const behindRelay = components.slice(components.findLastIndex(({ code }) => code === CODE_P2P_CIRCUIT) + 1)

  if (behindRelay.some(({ code, value }) => code === CODE_P2P && value !== peerId.toString() && canonicalPeer(value ?? '') !== peerId.toString())) {
    return undefined
  }

  const { length } = components
  const end = components.findLastIndex(({ code }) => code !== CODE_P2P) + 1

  return end === length ? address : end === length - 1 ? address.decapsulateCode(CODE_P2P) : multiaddr(components.slice(0, end))
}

function readAddress (info: Uint8Array, peerId: PeerId): Multiaddr | SkippedAddress {
  try {
    const bytes = readAddressInfo(info)

    if (bytes.byteLength === 0) {
      return { reason: 'empty', text: 'an address of no bytes' }
    }

    const address = parse(bytes)
    const own = ownAddress(address, peerId)

    if (own == null) {
      return { reason: 'other-peer', text: address.toString() }
    }

    if (isOversized(own)) {
      return { reason: 'oversized', text: `an address of ${own.bytes.byteLength} bytes, more than ${MAX_ADDRESS_BYTES}` }
    }

    return own.getComponents().length === 0 ? { reason: 'empty', text: address.toString() } : own
  } catch (err) {
    return { reason: 'unparsable', text: err instanceof Error ? err.message : String(err) }
  }
}

/**
 * Parses the bytes of an address strictly. The multiaddr parser accepts values shorter than their length, ports beyond the end, and names with slashes, so
 * that the text would be another address than the signed one.
 */
function parse (bytes: Uint8Array): Multiaddr {
  const address = multiaddr(multiaddr(bytes).toString())

  if (!address.equals({ bytes })) {
    throw new RangeError(`the bytes of ${address.toString()} are not what it is written as`)
  }

  return address
}
