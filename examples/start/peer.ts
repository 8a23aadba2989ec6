import { generateKeyPair } from '@libp2p/crypto/keys'
import { createNode } from '../../test/helpers/node.ts'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface Peer {
  node: Libp2p
  privateKey: PrivateKey
  /** First listening address, with the peer id */
  address: Multiaddr
}

/** A real node to be dialled */
export async function startPeer (...listen: string[]): Promise<Peer> {
  const privateKey = await generateKeyPair('Ed25519')
  const node = await createNode({ privateKey, listen })
  const [address] = node.getMultiaddrs()

  if (address == null) {
    throw new Error('the peer listens nowhere')
  }

  return { node, privateKey, address }
}
