import { ipToString } from '@chainsafe/netmask'
import { InvalidParametersError } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, isMultiaddr, multiaddr } from '@multiformats/multiaddr'
import { destinationsOf } from './destinations.ts'
import { registeredDomain } from './registered-domain.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A multiaddr or its text, ending in a peer id: `/dnsaddr/bootstrap.example/p2p/<peer>`. White space around the text is ignored */
export type BootstrapAddress = Multiaddr | string

/**
 * The property in which consecutive entries differ, as long as the list allows it. `operator`: the registered part of the name. `prefix`: the /16 or
 * /32 of the IP address. An entry without a name is compared by its prefix, one without an IP address by its name
 */
export type SpreadBy = typeof SPREAD_BY[number]

export const SPREAD_BY = ['operator', 'prefix'] as const

export interface BootstrapPeer {
  readonly peerId: PeerId
  readonly multiaddrs: Multiaddr[]
}

/** @throws an error of class `Refusal` for an empty list, a value that is not an array, and an entry that does not end in a peer id */
export function parseBootstrapList (list: readonly BootstrapAddress[], Refusal: new (message: string) => Error = InvalidParametersError): BootstrapPeer[] {
  if (!Array.isArray(list)) {
    throw new Refusal('A bootstrap list needs to be an array of addresses')
  }

  const peers = new Map<string, BootstrapPeer>()

  for (const given of list) {
    const { peerId, multiaddr } = parsed(given, Refusal)
    const entry = peers.get(peerId.toString()) ?? { peerId, multiaddrs: [] }
    peers.set(peerId.toString(), entry)

    if (!entry.multiaddrs.some(known => known.equals(multiaddr))) {
      entry.multiaddrs.push(multiaddr)
    }
  }

  if (peers.size === 0) {
    throw new Refusal('A bootstrap list needs at least one address')
  }

  return [...peers.values()]
}

/** Returns the items in turn by operator or network: the first of each, then the second of each, … */
export function interleave<T> (items: readonly T[], addressesOf: (item: T) => readonly Multiaddr[], spreadBy: SpreadBy): T[] {
  const counts = new Map<string, number>()
  const rounds: T[][] = []

  for (const item of items) {
    const key = keyOf(addressesOf(item), spreadBy)
    const round = counts.get(key) ?? 0
    counts.set(key, round + 1)
    ;(rounds[round] ??= []).push(item)
  }

  return rounds.flat()
}

function keyOf (multiaddrs: readonly Multiaddr[], spreadBy: SpreadBy): string {
  const ways = spreadBy === 'operator' ? [operatorOf, providerPrefixOf] : [providerPrefixOf, operatorOf]

  return ways.flatMap(way => multiaddrs.flatMap(address => way(address) ?? []))[0] ?? multiaddrs.join()
}

function parsed (given: BootstrapAddress, Refusal: new (message: string) => Error): { peerId: PeerId, multiaddr: Multiaddr } {
  try {
    const address = isMultiaddr(given) ? given : multiaddr(given.trim())
    const last = address.getComponents().at(-1)

    if (last?.code === CODE_P2P) {
      return { peerId: peerIdFromString(last.value ?? ''), multiaddr: address }
    }
  } catch {}

  throw new Refusal(`A bootstrap list needs addresses that end in a peer id, such as /dnsaddr/bootstrap.example/p2p/12D3Koo…, not "${isMultiaddr(given) || typeof given === 'string' ? given : typeof given}"`)
}

/** Returns the registered part of a name: `libp2p.io` for `/dnsaddr/sg1.bootstrap.libp2p.io`. Undefined for IP addresses */
export function operatorOf (multiaddr: Multiaddr): string | undefined {
  const [host] = destinationsOf(multiaddr)

  return host == null || host.ip != null ? undefined : registeredDomain(host.name)
}

/** Returns the /16 of an IPv4 address, or the /32 of an IPv6 one: the smallest allocation of most providers. Undefined for names */
export function providerPrefixOf (multiaddr: Multiaddr): string | undefined {
  const ip = destinationsOf(multiaddr)[0]?.ip

  return ip == null ? undefined : ip.length === 4 ? `${ip[0]}.${ip[1]}` : ipToString(ip).slice(0, 9)
}
