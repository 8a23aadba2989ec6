import { embeddedIp4s } from './embedded-ip4.ts'
import { hostNameOf } from './host-name.ts'
import { parseIp } from './ip.ts'
import type { Component, Multiaddr } from '@multiformats/multiaddr'

/**
 * A host that gets packets when an address is dialled: an IP address of 4 or 16 octets, or a name to resolve. A name that contains its IP address has
 * both. The name is normalised by `hostNameOf()`
 */
export type Destination = { readonly ip: Uint8Array, readonly name?: string } | { readonly ip?: undefined, readonly name: string }

/**
 * Returns the hosts that an address leads to, usually one. A WebSocket address with `/tls/sni/<name>` also leads to that name: js-libp2p's transport
 * connects to the name, whatever IP address precedes it. A relayed address leads to its relay, or to no host if it has only the relay's peer id.
 * Never throws
 */
export function destinationsOf (multiaddr: Multiaddr): Destination[] {
  return destinationsIn(multiaddr.getComponents())
}

/** The same as `destinationsOf()` for the components of an address */
export function destinationsIn (components: readonly Component[]): Destination[] {
  const circuit = components.findIndex(({ name }) => name === 'p2p-circuit')
  const way = circuit === -1 ? components : components.slice(0, circuit)
  const host = way.find(({ name }) => name === 'ip4' || name === 'ip6' || name.startsWith('dns'))
  const sni = way.find(({ name }) => name === 'sni')

  return [host, sni].flatMap(component => {
    if (component == null) {
      return []
    }

    const { name, value = '' } = component

    const ip = name === 'ip4' || name === 'ip6' ? parseIp(value) : undefined

    return ip == null ? [destinationOf(value)] : [{ ip }]
  })
}

/** Returns the IP address of a host, and the IPv4 addresses that it embeds. Never throws */
export function ipsIn ({ ip }: Destination): Uint8Array[] {
  return ip == null ? [] : [ip].concat(embeddedIp4s(ip))
}

function destinationOf (host: string): Destination {
  const name = hostNameOf(host)
  const ip = parseIp(name) ?? ipOfAutoTls(name)

  return ip == null ? { name } : { ip, name }
}

/**
 * Returns the IP address in a name that AutoTLS assigns to a node: `1-2-3-4.<peer id>.libp2p.direct`. The DNS servers of libp2p.direct answer with
 * that address only. IPv6 addresses are written as `2001-db8--1`, with a 0 where a dash would begin or end the label
 */
function ipOfAutoTls (name: string): Uint8Array | undefined {
  const [label = '', , ...domain] = name.split('.')
  const parts = label.split('-')

  return domain.join('.') === 'libp2p.direct' ? parseIp(parts.join(parts.length === 4 ? '.' : ':')) : undefined
}
