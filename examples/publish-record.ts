// Serves the signed record of a node, and fetches another node's. Guide: docs/guides/publish-your-signed-record.md
import { lpStream } from '@libp2p/utils'
import type { AddressBook } from 'libp2p-dial-pipeline/address-book'
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const PROTOCOL = '/my-app/signed-record/1.0.0'

/** Maximum size of a record in bytes */
const MAX_RECORD = 8_192

/** Answers each stream with the node's current record */
export async function serveRecord (node: Libp2p<{ addressBook: AddressBook }>): Promise<void> {
  await node.handle(PROTOCOL, async stream => {
    const { envelope } = await node.services.addressBook.ownRecord()
    await lpStream(stream).write(envelope)
    await stream.close()
  })
}

/**
 * Fetches a peer's record and consumes it. The result's `status` says whether it was accepted
 *
 * @param via addresses at which the peer can be reached now
 * @throws errors of `dialProtocol()` and of the stream
 */
export async function fetchRecord (node: Libp2p<{ addressBook: AddressBook }>, peer: PeerId, via: Multiaddr | Multiaddr[], signal: AbortSignal) {
  const stream = await node.dialProtocol(via, PROTOCOL, { signal })
  const envelope = await lpStream(stream, { maxDataLength: MAX_RECORD }).read({ signal })
  await stream.close()

  return node.services.addressBook.consumeRecord(envelope.subarray(), { expectedPeer: peer })
}
