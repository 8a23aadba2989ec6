import { ipToString, maskIp } from '@chainsafe/netmask'
import { CODE_IP6, CODE_IP6ZONE, CODE_P2P, CODE_SNI } from '@multiformats/multiaddr'
import { destinationsIn, ipsIn } from '../address/destinations.ts'
import { HOST_NAMES, hostNameOf, NAMES } from '../address/host-name.ts'
import { ipOf } from '../address/ip.ts'
import { canonicalPeer } from '../address/peer-id.ts'
import type { Component, Multiaddr } from '@multiformats/multiaddr'

/** The long spellings of protocols that also have a short one */
const LONG: Record<string, string> = { wss: '/tls/ws', https: '/tls/http' }

export function peerKey (peer: string): string {
  return `/p2p/${peer}`
}

export function prefixKey (network: Uint8Array, length: number): string {
  return `${ipToString(network)}/${length}`
}

/**
 * Returns the key of a banned address, the same for all of its spellings
 *
 * @param ip the IP address at its beginning, if any
 */
export function addressKey (multiaddr: Multiaddr, ip?: Uint8Array): string {
  const { host, rest } = split(multiaddr.getComponents())

  return [ip == null ? host : ipText(ip), ...rest.map(textOf)].join('')
}

/**
 * Yields the keys under which an address may be banned: the peers in it, its beginnings, and the networks of its IP address. The keys of an embedded
 * IPv4 address are included, and those of the IP address in an AutoTLS name. For an address with `/tls/sni/<host>` so are those of that host, to which
 * js-libp2p's WebSockets connect
 *
 * @param longest the length of the longest key of a banned address, in characters. It bounds the beginnings: a remote peer's address may have many
 */
export function * keysOf (multiaddr: Multiaddr, masks: Iterable<{ mask: Uint8Array, length: number }>, longest: number): Generator<string> {
  const components = multiaddr.getComponents()
  const destinations = destinationsIn(components)
  const ips = destinations.flatMap(ipsIn)
  const { host, rest } = split(components)
  const own = ipOf(multiaddr) == null ? [host] : []
  const [, named] = destinations
  const names = named?.name == null ? [] : [`/dns/${named.name}`]

  for (const begin of new Set([...own, ...names, ...ips.map(ipText)])) {
    yield * beginnings(begin, rest, longest)
  }

  // an address with the host at its beginning, and without `/sni`, leads to the same connection
  if (named != null) {
    const bare = rest.filter(({ code }) => code !== CODE_SNI)

    for (const begin of [...names, ...ipsIn(named).map(ipText)]) {
      yield * beginnings(begin, bare, longest)
    }
  }

  for (const { code, value } of components) {
    if (code === CODE_P2P) {
      yield peerKey(canonicalPeer(value ?? ''))
    }
  }

  for (const { mask, length } of masks) {
    for (const ip of ips) {
      if (mask.length === ip.length) {
        yield prefixKey(maskIp(ip, mask), length)
      }
    }
  }
}

function * beginnings (begin: string, rest: readonly Component[], longest: number): Generator<string> {
  for (let text = begin, i = 0; text.length <= longest; text += textOf(rest[i++] as Component)) {
    yield text

    if (i === rest.length) {
      return
    }
  }
}

/** Splits off the host. The zone of an IPv6 address is left out: it names an interface of this machine */
function split ([first, ...rest]: readonly Component[]): { host: string, rest: Component[] } {
  if (first?.code === CODE_IP6ZONE && rest[0]?.code === CODE_IP6) {
    rest.shift()
  }

  return { host: first == null ? '' : textOf(first), rest }
}

function ipText (ip: Uint8Array): string {
  return `/ip${ip.length === 4 ? 4 : 6}/${ipToString(ip)}`
}

function textOf ({ code, name, value }: Component): string {
  if (value == null) {
    return LONG[name] ?? `/${name}`
  }

  if (code === CODE_P2P) {
    return peerKey(canonicalPeer(value))
  }

  // a remote peer can write a host name as another kind
  return `/${HOST_NAMES.has(code) ? 'dns' : name}/${NAMES.has(code) ? hostNameOf(value) : value}`
}
