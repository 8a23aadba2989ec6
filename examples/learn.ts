import type { Scenario } from './scenarios.ts'
import type { Libp2p } from '@libp2p/interface'

/** Puts into the peer store what a node is to know beforehand */
export async function learn ({ peerStore }: Libp2p, { name, peerId, signed, unsigned = [] }: Scenario): Promise<void> {
  if (signed == null) {
    return
  }

  await peerStore.consumePeerRecord(signed, { expectedPeer: peerId })
  await peerStore.merge(peerId, { multiaddrs: unsigned })

  const { addresses } = await peerStore.get(peerId)

  if (addresses.length !== unsigned.length + 1 || addresses.filter(({ isCertified }) => isCertified).length !== 1) {
    throw new Error(`${name}: the peer store did not take the signed record`)
  }
}
