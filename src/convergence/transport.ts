import type { Multiaddr } from '@multiformats/multiaddr'

/** Of addresses that name several, the one that counts; `wss` where TLS may end at a proxy is `ws` to the other end */
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

/** The transport of a connection's remote address: the same at both ends, whose addresses differ */
export function transportOf (multiaddr: Multiaddr): string {
  const names = multiaddr.getComponents().map(({ name }) => name)
  const [, known] = NAMES.find(([protocol]) => names.includes(protocol)) ?? []

  return known ?? names.findLast(name => name !== 'p2p') ?? ''
}
