// Dials only addresses that the peer itself has signed. Guide: docs/guides/dial-certified-only.md
import { dialer } from 'libp2p-dial-pipeline'
import { addressBook, withProvenance } from 'libp2p-dial-pipeline/address-book'
import { adaptive, certifiedOnly } from 'libp2p-dial-pipeline/presets'
import { provenance } from 'libp2p-dial-pipeline/stages'
import { createLibp2p } from 'libp2p'
import type { AddressBook } from 'libp2p-dial-pipeline/address-book'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'

/** Starts a node whose dials go only to signed addresses */
export async function startCertifiedOnly (options: Libp2pOptions) {
  return createLibp2p({ ...options, services: { addressBook: addressBook(), dialer: dialer(certifiedOnly()) } })
}

/**
 * Starts a node whose dials also go to addresses of the user and of the bootstrap list. A node that listens on a relay, or that joins a network
 * through a bootstrap peer, needs these: nobody has signed the first address
 */
export async function startCertifiedAndConfigured (options: Libp2pOptions) {
  const pipeline = adaptive().replace('provenance', provenance(['user', 'bootstrap', 'certified']))

  return createLibp2p(withProvenance({ ...options, services: { dialer: dialer(pipeline) } }))
}

/**
 * Dials a peer at the addresses of a signed record
 *
 * @param envelope the record, from your own protocol, a file or a server
 * @throws Error when the record is refused, and the errors of `dial()`
 */
export async function dialByRecord (node: Libp2p<{ addressBook: AddressBook }>, peer: PeerId, envelope: Uint8Array): Promise<Connection> {
  const result = await node.services.addressBook.consumeRecord(envelope, { expectedPeer: peer })

  if (result.status === 'refused' && result.reason !== 'replayed') {
    throw new Error(`Cannot dial ${peer.toString()} by its record: ${result.text}`)
  }

  // with the option, an open connection counts only if it was dialled at a signed address
  return node.dial(peer, { provenance: ['certified'] })
}
