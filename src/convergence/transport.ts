import type { Multiaddr } from '@multiformats/multiaddr'

/** Transports by protocol. The first entry that an address contains is its transport. `wss` counts as `ws`, because TLS may end at a proxy */
const NAMES: ReadonlyArray<readonly [protocol: string, transport: string]> = [
  ['webrtc', 'webrtc'],
  ['p2p-circuit', 'circuit'],
  ['webrtc-direct', 'webrtc-direct'],
  ['webtransport', 'webtransport'],
  ['quic-v1', 'quic-v1'],
  ['wss', 'ws'],
  ['ws', 'ws'],
  ['tcp', 'tcp']
]

/** Returns the transport of a connection's remote address. Both ends get the same answer, although their addresses differ */
export function transportOf (multiaddr: Multiaddr): string {
  const names = multiaddr.getComponents().map(({ name }) => name)
  const [, known] = NAMES.find(([protocol]) => names.includes(protocol)) ?? []

  return known ?? names.findLast(name => name !== 'p2p') ?? ''
}
