// Serves the signed record of a node, and fetches that of another. Guide: docs/guides/publish-your-signed-record.md
import { lpStream } from '@libp2p/utils'
import type { AddressBook } from 'libp2p-dial-pipeline/address-book'
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const PROTOCOL = '/my-app/signed-record/1.0.0'

/** Bytes that a record has at most */
const MAX_RECORD = 8_192

/** Answers each stream with the record of the node, as it is then */
export async function serveRecord (node: Libp2p<{ addressBook: AddressBook }>): Promise<void> {
  await node.handle(PROTOCOL, async stream => {
    const { envelope } = await node.services.addressBook.ownRecord()
    await lpStream(stream).write(envelope)
    await stream.close()
  })
}

/**
 * Asks a peer for its record, and takes it into the address book. `status` in the result says what became of it
 *
 * @param via where the peer can be reached now
 * @throws what `dialProtocol()` throws, and errors of the stream
 */
export async function fetchRecord (node: Libp2p<{ addressBook: AddressBook }>, peer: PeerId, via: Multiaddr | Multiaddr[], signal: AbortSignal) {
  const stream = await node.dialProtocol(via, PROTOCOL, { signal })
  const envelope = await lpStream(stream, { maxDataLength: MAX_RECORD }).read({ signal })
  await stream.close()

  return node.services.addressBook.consumeRecord(envelope.subarray(), { expectedPeer: peer })
}
