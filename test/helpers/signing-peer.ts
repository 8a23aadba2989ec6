import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { sealRecord } from '../../src/records/seal-record.ts'
import { PEER } from '../../src/testing/compliance/samples.ts'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const keys = new Map<string, PrivateKey>([[PEER.toString(), await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(14))]])

/** Returns a new peer id, whose key `recordOf()` keeps */
export async function newPeer (): Promise<PeerId> {
  const key = await generateKeyPair('Ed25519')
  const peer = peerIdFromPrivateKey(key)
  keys.set(peer.toString(), key)

  return peer
}

/** Seals a signed record of the peer that compliance checks use, or of a peer from `newPeer()` */
export async function recordOf (peer: PeerId, multiaddrs: readonly Multiaddr[]): Promise<Uint8Array> {
  return sealRecord(keys.get(peer.toString()) as PrivateKey, { multiaddrs })
}
