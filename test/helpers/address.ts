import { multiaddr } from '@multiformats/multiaddr'
import { newPeer } from './signing-peer.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Returns the nth address, with or without a peer id. The transport or network of the test decides what it does */
export function address (n: number, peer?: PeerId): Multiaddr {
  return multiaddr(`/ip4/192.0.2.${n}/tcp/4001${peer == null ? '' : `/p2p/${peer}`}`)
}

/** Returns a peer that does not exist, and an address of it */
export async function unreachablePeer (n = 1): Promise<{ peer: PeerId, at: Multiaddr }> {
  const peer = await newPeer()

  return { peer, at: address(n, peer) }
}
