import { multiaddr } from '@multiformats/multiaddr'
import { randomPeer } from '../libp2p/kit.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Returns the nth address, with or without a peer id. The transport of the test decides what it does */
export function place (n: number, peer?: PeerId): Multiaddr {
  return multiaddr(`/ip4/192.0.2.${n}/tcp/4001${peer == null ? '' : `/p2p/${peer}`}`)
}

/** Returns a peer that does not exist, and an address of it */
export async function somebody (n = 1): Promise<{ peer: PeerId, at: Multiaddr }> {
  const peer = await randomPeer()

  return { peer, at: place(n, peer) }
}
