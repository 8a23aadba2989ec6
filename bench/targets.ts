import { randomBytes } from 'node:crypto'
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** More peers than a usual run dials: the peer store gets slow with many addresses of one peer */
const PEERS = 30_000

const peers: PeerId[] = []
const byName = new Map<string, PeerId>()

/** Public addresses of the kinds that a node on the internet has: IPv4 and IPv6, TCP and WebSockets, with and without TLS */
const ADDRESSES = [
  (n: number) => `/ip4/${ip4(n)}/tcp/4001`,
  (n: number) => `/ip4/${ip4(n)}/tcp/4002/ws`,
  (n: number) => `/ip4/${ip4(n)}/tcp/443/tls/ws`,
  (n: number) => `/ip4/${ip4(n)}/tcp/4003`,
  (n: number) => `/ip6/${ip6(n)}/tcp/4001`,
  (n: number) => `/ip6/${ip6(n)}/tcp/4002/ws`,
  (n: number) => `/ip6/${ip6(n)}/tcp/443/tls/ws`,
  (n: number) => `/ip6/${ip6(n)}/tcp/4003`
]

let next = 0

/** Creates the targets of a caller. The addresses are new and newly parsed each time, so that no cache has them */
export function targets (count: number, addresses: number): Multiaddr[][] {
  return Array.from({ length: count }, () => {
    const n = next++

    return ADDRESSES.slice(0, addresses).map(address => multiaddr(`${address(n)}/p2p/${peerAt(n % PEERS)}`))
  })
}

/** Returns a peer id without a private key: no real peer has it */
function peerAt (n: number): PeerId {
  const peer = peers[n] ??= peerIdFromPublicKey(publicKeyFromRaw(randomBytes(32)))
  byName.set(peer.toString(), peer)

  return peer
}

function ip4 (n: number): string {
  return `8.${n >> 16 & 255}.${n >> 8 & 255}.${n & 255}`
}

function ip6 (n: number): string {
  return `2a00:1450:4001:82a::${(n >> 16).toString(16)}:${(n & 65_535).toString(16)}`
}

/** Looks up the peer id of a target, because parsing it would be measured */
export function peerOf (target: Multiaddr): PeerId | undefined {
  return byName.get(target.getComponents().at(-1)?.value ?? '')
}
