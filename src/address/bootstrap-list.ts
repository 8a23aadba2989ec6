import { InvalidParametersError } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, isMultiaddr, multiaddr } from '@multiformats/multiaddr'
import { operatorOf, providerPrefixOf } from './operator.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** It ends in the peer id, with or without blanks and a line end around its text, as `/dnsaddr/bootstrap.example/p2p/<peer>` */
export type BootstrapAddress = Multiaddr | string

/**
 * What two entries must not share, as long as there are others: `operator` the registered part of their name, `prefix` the /16 or
 * /32 of their IP address. What has no name goes by its prefix, and what has no IP address by its name
 */
export type Diversity = typeof DIVERSITIES[number]

export const DIVERSITIES = ['operator', 'prefix'] as const

/** A peer, and where it can be found */
export interface BootstrapPeer {
  readonly peerId: PeerId
  readonly multiaddrs: Multiaddr[]
}

/** @throws an error of class `Refusal` for what is not an array, an empty list, and for what is not an address that ends in a peer id */
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

/** Takes from each operator or network in turn: the first of each, then the second of each, … */
export function inTurn<T> (items: readonly T[], addressesOf: (item: T) => readonly Multiaddr[], diversity: Diversity): T[] {
  const counts = new Map<string, number>()
  const rounds: T[][] = []

  for (const item of items) {
    const key = keyOf(addressesOf(item), diversity)
    const round = counts.get(key) ?? 0
    counts.set(key, round + 1)
    ;(rounds[round] ??= []).push(item)
  }

  return rounds.flat()
}

function keyOf (multiaddrs: readonly Multiaddr[], diversity: Diversity): string {
  const ways = diversity === 'operator' ? [operatorOf, providerPrefixOf] : [providerPrefixOf, operatorOf]

  for (const way of ways) {
    for (const address of multiaddrs) {
      const key = way(address)

      if (key != null) {
        return key
      }
    }
  }

  return multiaddrs.join()
}

function parsed (given: BootstrapAddress, Refusal: new (message: string) => Error): { peerId: PeerId, multiaddr: Multiaddr } {
  try {
    const address = isMultiaddr(given) ? given : multiaddr(given.trim())
    const last = address.getComponents().at(-1)

    if (last?.code === CODE_P2P) {
      return { peerId: peerIdFromString(last.value ?? ''), multiaddr: address }
    }
  } catch {}

  throw new Refusal(`A bootstrap list needs addresses that end in a peer id, such as /dnsaddr/bootstrap.example/p2p/12D3Koo…, not "${String(given)}"`)
}
