import { multiaddr } from '@multiformats/multiaddr'
import { randomPeer } from '../libp2p/kit.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The nth address of a peer, or of nobody. What is there is for a transport to say */
export function place (n: number, peer?: PeerId): Multiaddr {
  return multiaddr(`/ip4/192.0.2.${n}/tcp/4001${peer == null ? '' : `/p2p/${peer}`}`)
}

/** A peer that does not exist, and where it would be */
export async function somebody (n = 1): Promise<{ peer: PeerId, at: Multiaddr }> {
  const peer = await randomPeer()

  return { peer, at: place(n, peer) }
}
