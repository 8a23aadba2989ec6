import { ipToString, maskIp } from '@chainsafe/netmask'
import { CODE_DNS, CODE_DNS4, CODE_DNS6, CODE_DNSADDR, CODE_IP6, CODE_IP6ZONE, CODE_P2P, CODE_SNI } from '@multiformats/multiaddr'
import { destinationsIn, ipsIn } from '../address/destinations.ts'
import { hostNameOf } from '../address/host-name.ts'
import { ipOf } from '../address/ip.ts'
import { canonicalPeer } from '../address/peer-id.ts'
import type { Component, Multiaddr } from '@multiformats/multiaddr'

/** Names of a host. An attacker could write one as the other */
const HOST_NAMES = new Set([CODE_DNS, CODE_DNS4, CODE_DNS6])

export const NAMES = new Set([...HOST_NAMES, CODE_DNSADDR, CODE_SNI])

/** Protocols that have a short and a long spelling */
const LONG: Record<string, string> = { wss: '/tls/ws', https: '/tls/http' }

export function peerKey (peer: string): string {
  return `/p2p/${peer}`
}

export function prefixKey (network: Uint8Array, length: number): string {
  return `${ipToString(network)}/${length}`
}

/**
 * Returns the key of a ban of an address, the same for every way to write it
 *
 * @param ip the IP address that it begins with, if any
 */
export function addressKey (multiaddr: Multiaddr, ip?: Uint8Array): string {
  const { host, rest } = split(multiaddr.getComponents())

  return [ip == null ? host : ipText(ip), ...rest.map(textOf)].join('')
}

/**
 * Yields the keys under which an address may be banned: the peers on its way, each address that it begins with, and the networks of
 * its IP address. An IPv6 address that embeds an IPv4 address is banned with that too, and so are a name of AutoTLS with the IP address
 * in it, and an address with `/tls/sni/<host>` with that host: js-libp2p's WebSockets connect there
 *
 * @param longest characters of the longest key of a banned address. A remote peer's address may have any number of beginnings
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

  // the same connection is made to an address that begins with the host and needs no `/sni`
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

/** The zone of an IPv6 address says how to reach it from this machine, not whose it is */
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

  return `/${HOST_NAMES.has(code) ? 'dns' : name}/${NAMES.has(code) ? hostNameOf(value) : value}`
}
