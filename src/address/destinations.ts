import { embeddedIp4s } from './embedded-ip4.ts'
import { hostNameOf } from './host-name.ts'
import { parseIp } from './ip.ts'
import type { Component, Multiaddr } from '@multiformats/multiaddr'

/**
 * A host that gets packets when an address is dialled: an IP address of 4 or 16 octets, or a name that somebody resolves. It has both where a
 * name says the IP address. The name is as `hostNameOf` returns it
 */
export type Destination = { readonly ip: Uint8Array, readonly name?: string } | { readonly ip?: undefined, readonly name: string }

/**
 * Returns the hosts that an address leads to. Most lead to one. A WebSocket address with `/tls/sni/<name>` leads to that name too:
 * js-libp2p's transport connects to the name, whatever IP address stands before it. Of a relayed address the relay is returned, and
 * nothing where the address does not say where the relay is. Never throws
 */
export function destinationsOf (multiaddr: Multiaddr): Destination[] {
  return destinationsIn(multiaddr.getComponents())
}

/** The same, by the components of an address */
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
 * Returns the IP address in a name that AutoTLS gives to a node: `1-2-3-4.<peer id>.libp2p.direct`. The servers of libp2p.direct answer
 * with that address, and with no other. IPv6 addresses are written as `2001-db8--1`, with a 0 where a dash would begin or end the label
 */
function ipOfAutoTls (name: string): Uint8Array | undefined {
  const [label = '', , ...domain] = name.split('.')
  const parts = label.split('-')

  return domain.join('.') === 'libp2p.direct' ? parseIp(parts.join(parts.length === 4 ? '.' : ':')) : undefined
}
