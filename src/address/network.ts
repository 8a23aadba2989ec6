import { parseCidr } from '@chainsafe/netmask'
import { hostNameOf } from './host-name.ts'
import { isLoopbackHost, isPrivateHost } from './host.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Where an address leads: a name is not looked up, and `machine` is what has no network at all (memory, unix) */
export type Network = 'public' | 'private' | 'loopback' | 'name' | 'machine'

/** What the first hop of an address says of where it leads */
export interface Host {
  readonly network: Network
  /** A name, as `hostNameOf` returns it, or an IP address of a network */
  readonly host?: string
  readonly version?: 4 | 6
  readonly isUdp: boolean
  /** The /24 of an IPv4 address, the /48 of an IPv6 one: what one site usually has. None of the loopback */
  readonly prefix?: string
}

export function hostOf (multiaddr: Multiaddr): Host {
  const components = multiaddr.getComponents()
  const host = components.findIndex(({ name }) => name === 'ip4' || name === 'ip6' || name.startsWith('dns'))
  const { name, value = '' } = components[host] ?? {}
  const isUdp = components[host + 1]?.name === 'udp'

  if (name === 'ip4' || name === 'ip6') {
    const network = isLoopbackHost(multiaddr) ? 'loopback' : isPrivateHost(multiaddr) ? 'private' : 'public'

    return { network, version: name === 'ip4' ? 4 : 6, isUdp, ...(network === 'loopback' ? {} : { host: value, prefix: prefixOf(name, value) }) }
  }

  return name == null ? { network: 'machine', isUdp } : { network: 'name', host: hostNameOf(value), isUdp }
}

function prefixOf (name: 'ip4' | 'ip6', value: string): string {
  return name === 'ip4' ? value.slice(0, value.lastIndexOf('.')) : parseCidr(`${value}/48`).network.subarray(0, 6).join(':')
}
