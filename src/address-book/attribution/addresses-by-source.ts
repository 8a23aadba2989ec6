import { SOURCE } from '../../pipeline/sources.ts'
import { multiaddrsOf } from '../peer-data.ts'
import { READ_BACK } from './source-tags.ts'
import type { SourceTags, Testimony } from './source-tags.ts'
import type { Writer } from './writer.ts'
import type { PeerData, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The key under which dialers note when a peer was last dialled with success, beside the address that answered */
const SUCCESS = 'last-dial-success'

/**
 * Returns the addresses of one write by their source, without those that were only read from the peer store or the address book. What the
 * peer itself tells is among them, also if it is nothing
 */
export function addressesBySource (writer: Writer, peer: PeerId, data: PeerData, sourceTags: SourceTags): Map<Testimony, Multiaddr[]> {
  const own = ownTestimony(writer, peer, data)
  const answered = own.source === SOURCE.dialled
  const all = new Map<Testimony, Multiaddr[]>(own.reporter == null ? [] : [[own, []]])

  for (const multiaddr of multiaddrsOf(data)) {
    // that an address answered is news, whoever said it before
    const testimony = answered ? own : sourceTags.of(multiaddr) ?? own

    if (testimony !== READ_BACK) {
      const list = all.get(testimony) ?? []
      list.push(multiaddr)
      all.set(testimony, list)
    }
  }

  return all
}

function ownTestimony (writer: Writer, peer: PeerId, data: PeerData): Testimony {
  const inRecord = data.peerRecordEnvelope != null

  if (inRecord && writer.isUser === true) {
    // the signature is all that speaks for them
    return READ_BACK
  }

  const source = writer.isCore === true && hasSucceeded(data) ? SOURCE.dialled : inRecord ? writer.record ?? writer.source : writer.source

  if (source == null) {
    return { source: SOURCE.unknown, by: writer.name }
  }

  return writer.isToldByPeer === true ? { source, reporter: peer } : { source }
}

/** Whether a dialer writes the address that has answered */
export function hasSucceeded ({ metadata }: PeerData): boolean {
  return metadata instanceof Map ? metadata.has(SUCCESS) : metadata?.[SUCCESS] != null
}
