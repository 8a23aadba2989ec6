import { InvalidParametersError, isPeerId } from '@libp2p/interface'
import { parseCidr } from '@chainsafe/netmask'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_IPCIDR, CODE_P2P, isMultiaddr, multiaddr } from '@multiformats/multiaddr'
import { MAX_NAME } from '../address/check-name.ts'
import { NAMES, whyNoHostName } from '../address/host-name.ts'
import { embeddedIp4s, embeddedPrefix } from '../address/embedded-ip4.ts'
import { ipOf } from '../address/ip.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { toError } from '../pipeline/errors.ts'
import { isOversized, MAX_ADDRESS_BYTES } from '../pipeline/candidate.ts'
import { addressKey, peerKey, prefixKey } from './keys.ts'
import { suggestTarget } from './suggest-target.ts'
import type { Candidate } from '../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * The protocols that cannot begin an address, because they need another one before them. Not `webrtc`: the remote address of a WebRTC connection is
 * `/webrtc/p2p/<peer>`
 */
const NEVER_FIRST = new Set([
  'certhash', 'dccp', 'http', 'https', 'ipcidr', 'noise', 'p2p-circuit', 'quic', 'quic-v1', 'sctp', 'sni', 'tcp', 'tls', 'udp', 'udt', 'utp', 'webrtc-direct',
  'webtransport', 'ws', 'wss'
])

/**
 * The target of a ban, as an object or as text:
 * - a peer id, or `/p2p/<peer>`: every address of the peer, or through it
 * - an IP address, such as `203.0.113.5`: every address that begins with it
 * - a CIDR range, such as `203.0.113.0/24` or `2001:db8::/48`: every address that begins with an IP address in it
 * - a multiaddr: that address, and every address that begins with it
 */
export type BanTarget = PeerId | Multiaddr | string

export interface Prefix {
  readonly mask: Uint8Array
  /** In bits */
  readonly length: number
}

export interface ParsedBanTarget {
  readonly target: BanTarget
  /** The same for all spellings of the target */
  readonly key: string
  /** For a network or an IP address: its mask */
  readonly prefix?: Prefix
}

/**
 * Parses the target of a ban. White space around a text is ignored
 *
 * @param act the act that fails with a wrong target, for the error
 * @throws InvalidParametersError for any other value, a multiaddr above 1,024 bytes, and another text above 256 characters
 */
export function parseBanTarget (target: BanTarget, act: string = 'ban'): ParsedBanTarget {
  try {
    return isMultiaddr(target) ? parseMultiaddr(target) : parseText(target)
  } catch (err) {
    // a TypeError comes from a value that cannot be read, such as a revoked proxy
    const { message } = err instanceof TypeError ? invalid(target) : toError(err)
    throw new InvalidParametersError(`Cannot ${act} ${message}`)
  }
}

function parseText (target: PeerId | string): ParsedBanTarget {
  if (!isPeerId(target) && typeof target !== 'string') {
    throw invalid(target)
  }

  const text = target.toString().trim()

  if (text.startsWith('/')) {
    return parseMultiaddr(read(text, multiaddr))
  }

  if (text.length > MAX_NAME) {
    throw new Error(`"${text.slice(0, 32)}…": it has more than ${MAX_NAME} characters`)
  }

  if (isPeerId(target)) {
    return { target, key: peerKey(text) }
  }

  if (/[/:]|^[\d.]+$/.test(text)) {
    return { target: text, ...parsePrefix(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`, text) }
  }

  const peer = read(text, peerIdFromString)

  return { target: peer, key: peerKey(peer.toString()) }
}

/** Returns the text of a target, which `parseBanTarget()` reads as the same target */
export function toText (target: BanTarget): string {
  return isPeerId(target) ? peerKey(target.toString()) : target.toString()
}

function parseMultiaddr (target: Multiaddr): ParsedBanTarget {
  if (isOversized(target)) {
    throw new Error(`an address of ${target.bytes.byteLength} bytes: more than ${MAX_ADDRESS_BYTES}`)
  }

  const components = target.getComponents()
  const [first] = components

  if (first == null) {
    throw invalid(target)
  }

  if (first.code === CODE_P2P && components.length === 1) {
    const peer = read(first.value ?? '', peerIdFromString, target)

    return { target: peer, key: peerKey(peer.toString()) }
  }

  const ip = ipOf(target)
  const last = components.at(-1)

  if (ip == null) {
    return { target, key: addressKey(target) }
  }

  // an IPv6 address with a zone has two components
  const size = first.name === 'ip6zone' ? 2 : 1

  if (components.length === size) {
    return { target, ...keyOfPrefix(ip, ip.length * 8) }
  }

  if (components.length === size + 1 && last?.code === CODE_IPCIDR) {
    return { target, ...parsePrefix(`${components[size - 1]?.value}/${last.value}`, target) }
  }

  return { target, key: addressKey(target, onlyIp4In(ip) ?? ip) }
}

function parsePrefix (text: string, target: BanTarget): Pick<ParsedBanTarget, 'key' | 'prefix'> {
  // parseCidr() ignores what follows a second slash
  if (text.split('/').length !== 2) {
    throw invalid(target)
  }

  const { network } = read(text, parseCidr, target)

  return keyOfPrefix(network, Number(text.split('/')[1]))
}

/** Returns the key of an IP range. A range of IPv6 addresses that embeds IPv4 addresses has the key of the IPv4 range */
function keyOfPrefix (ip: Uint8Array, bits: number): Pick<ParsedBanTarget, 'key' | 'prefix'> {
  const ip4 = bits === 128 ? onlyIp4In(ip) : undefined
  const { network, length } = ip4 == null ? embeddedPrefix(ip, bits) ?? { network: ip, length: bits } : { network: ip4, length: 32 }
  const { mask } = parseCidr(`${network.length === 4 ? '0.0.0.0' : '::'}/${length}`)

  return { key: prefixKey(network, length), prefix: { mask, length } }
}

/** Returns the IPv4 address that an address embeds. Undefined for several, because any of them may be meant */
function onlyIp4In (ip: Uint8Array): Uint8Array | undefined {
  const [first, ...others] = embeddedIp4s(ip)

  return others.length === 0 ? first : undefined
}

function read<T> (text: string, parse: (text: string) => T, target: BanTarget = text): T {
  try {
    return parse(text)
  } catch {
    throw invalid(target)
  }
}

function invalid (target: unknown): Error {
  const meant = typeof target === 'string' ? suggestTarget(target) : undefined

  return new Error(`${describeValue(target)}: not a peer id, multiaddr, IP address or CIDR range${meant == null ? '' : `. Did you mean '${meant}'?`}`)
}

/** Returns why no address can match a ban, and what to write instead. Undefined: an address may match */
export function whyUnmatchable (given: BanTarget, { target, prefix }: ParsedBanTarget): string | undefined {
  if (!isMultiaddr(target)) {
    return
  }

  const components = target.getComponents()
  const first = components[0]?.name ?? ''

  if (NEVER_FIRST.has(first)) {
    return `no address begins with /${first}: a host stands first, as in '/ip4/203.0.113.5/tcp/4001'`
  }

  if (prefix == null && components.some(({ code }) => code === CODE_IPCIDR)) {
    return 'a range is of whole IP addresses, as \'203.0.113.0/24\''
  }

  // a remote peer's address may contain a wildcard, and the application may ban it: only written text is refused
  const isWritten = typeof given === 'string' || components.length === 1

  if (isWritten && components.some(({ code, value }) => NAMES.has(code) && value?.includes('*') === true)) {
    return 'there are no wildcards'
  }

  return whyNoHostName(components)
}

/** The subject of a look among the bans: a peer or an address */
export type BanSubject = PeerId | Multiaddr | Pick<Candidate, 'multiaddr'>
