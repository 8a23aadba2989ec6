import type { Scenario } from './scenarios.ts'
import type { Libp2p } from '@libp2p/interface'

/** Stores in the peer store what the node of a scenario knows before the dial */
export async function learn ({ peerStore }: Libp2p, { name, peerId, signed }: Scenario): Promise<void> {
  if (signed == null) {
    return
  }

  await peerStore.consumePeerRecord(signed, { expectedPeer: peerId })

  const { addresses } = await peerStore.get(peerId)

  if (addresses.length !== 1 || addresses[0]?.isCertified !== true) {
    throw new Error(`${name}: the peer store did not take the signed record`)
  }
}
