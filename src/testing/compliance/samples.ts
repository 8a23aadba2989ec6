import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../pipeline/candidate.ts'
import type { Candidate } from '../../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

export const SELF = peerIdFromString('12D3KooWEvWVGac8yqEd8JPXU6dBRSDmvpbc8yFhkcxUQHCQPni5')
export const PEER = peerIdFromString('12D3KooWAcwzQbKqSAJHDuRsRruiXPoa13SoqydqCmLupcMhUpb5')
const RELAY = '12D3KooW9xBQPBhK5VHb8qniBUZVxmS365bjfpQngjpBduihLiPM'

/** Returns candidates of several transports and sources, so that filters drop some and rankers reorder them */
export function mixedCandidates (peerId: PeerId): Candidate[] {
  return [
    ['/ip4/127.0.0.1/tcp/4001', 'user'],
    ['/ip4/10.0.0.2/tcp/4001', 'certified'],
    [`/ip4/203.0.113.3/tcp/4001/p2p/${RELAY}/p2p-circuit`, 'peer-store'],
    ['/ip4/203.0.113.4/tcp/443/tls/ws', 'certified'],
    ['/ip6/2001:db8::5/udp/4001/quic-v1', 'routing'],
    ['/ip4/203.0.113.6/tcp/4001', 'peer-store']
  ].map(([address = '', source = '']) => candidate(multiaddr(address), peerId, { isCertified: source === 'certified', provenance: [{ source }] }))
}

/** Returns candidates that differ only in their address, so that a race has no reason to prefer one */
export function equalCandidates (peerId: PeerId): Candidate[] {
  return [1, 2, 3, 4, 5].map(n => candidate(multiaddr(`/ip4/203.0.113.${n}/tcp/4001`), peerId, { isCertified: true, provenance: [{ source: 'certified' }] }))
}
