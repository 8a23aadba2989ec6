import { InvalidParametersError, isPeerId } from '@libp2p/interface'
import { iPv4FromIPv6, ipToString, isIPv4mappedIPv6, parseCidr } from '@chainsafe/netmask'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_IP4, CODE_IP6, CODE_IPCIDR, CODE_P2P, isMultiaddr, multiaddr } from '@multiformats/multiaddr'
import { MAX_NAME } from '../address/check-name.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { isOversized, MAX_ADDRESS_BYTES } from '../pipeline/oversized.ts'
import { addressKey, peerKey, prefixKey } from './keys.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Whom a ban is for:
 * - a peer, by its id or as `/p2p/<peer>`: every address that leads to it, or through it
 * - a prefix, as `203.0.113.0/24` or `2001:db8::/48`: every address that begins with an IP address of that network
 * - a multiaddr: that address, and every one that begins with it. One that is no more than an IP address is a prefix
 */
export type BanTarget = PeerId | Multiaddr | string

export interface Prefix {
  readonly mask: Uint8Array
  /** In bits */
  readonly length: number
}

export interface ParsedBanTarget {
  readonly target: BanTarget
  /** The same for every way to write it */
  readonly key: string
  readonly prefix?: Prefix
}

/** @throws InvalidParametersError for what is none of them, an address of more than 1,024 bytes, and a text of more than 256 characters */
export function parseBanTarget (target: BanTarget): ParsedBanTarget {
  // a peer id, a prefix
  if (!isMultiaddr(target) && String(target).length > MAX_NAME) {
    throw new InvalidParametersError(`Cannot ban "${String(target).slice(0, 32)}…": it has more than ${MAX_NAME} characters`)
  }

  if (isPeerId(target)) {
    return { target, key: peerKey(target.toString()) }
  }

  return isMultiaddr(target) ? parseMultiaddr(target) : { target, ...parsePrefix(target) }
}

/** What `fromText` reads */
export function toText (target: BanTarget): string {
  return isPeerId(target) ? peerKey(target.toString()) : target.toString()
}

/** @throws for what `toText` did not write */
export function fromText (text: string): BanTarget {
  return text.startsWith('/') ? multiaddr(text) : text
}

function parseMultiaddr (target: Multiaddr): ParsedBanTarget {
  const components = target.getComponents()
  const [first, second] = components

  if (first == null) {
    throw invalid(target)
  }

  if (isOversized(target)) {
    throw new InvalidParametersError(`Cannot ban an address of ${target.bytes.byteLength} bytes: more than ${MAX_ADDRESS_BYTES}`)
  }

  if (first.code === CODE_P2P && components.length === 1) {
    return { target: peerOf(first.value ?? ''), key: addressKey(components) }
  }

  if ((first.code === CODE_IP4 || first.code === CODE_IP6) && (second == null || second.code === CODE_IPCIDR)) {
    return { target, ...parsePrefix(`${first.value}/${second?.value ?? (first.code === CODE_IP4 ? 32 : 128)}`) }
  }

  return { target, key: addressKey(components) }
}

function peerOf (peer: string): PeerId {
  try {
    return peerIdFromString(peer)
  } catch {
    throw invalid(`/p2p/${peer}`)
  }
}

function parsePrefix (text: string): Pick<ParsedBanTarget, 'key' | 'prefix'> {
  // what stands behind a second slash would be ignored
  if (typeof text !== 'string' || text.split('/').length !== 2) {
    throw invalid(text)
  }

  try {
    const { network, mask } = parseCidr(text)
    const length = Number(text.split('/')[1])

    // of IPv4 addresses that are written as IPv6 ones
    if (network.length === 16 && length >= 96 && isIPv4mappedIPv6(network)) {
      return parsePrefix(`${ipToString(iPv4FromIPv6(network))}/${length - 96}`)
    }

    return { key: prefixKey(network, length), prefix: { mask, length } }
  } catch {
    throw invalid(text)
  }
}

function invalid (target: unknown): InvalidParametersError {
  return new InvalidParametersError(`Cannot ban "${describeValue(target)}": it is neither a peer id, nor a multiaddr, nor a prefix such as 203.0.113.0/24 or 2001:db8::/48`)
}
