import { SOURCE } from '../../pipeline/sources.ts'
import { multiaddrsOf } from '../peer-data.ts'
import { READ_BACK } from './source-tags.ts'
import type { SourceTags, SourceTag } from './source-tags.ts'
import type { Writer } from './writer.ts'
import type { PeerData, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The key of the peer metadata that dialers write after a successful dial, together with the address that answered */
const SUCCESS = 'last-dial-success'

/**
 * Returns the addresses of one write by their source, without those that the writer only read from the peer store or the address book. The peer's own
 * report is included even if it is empty
 */
export function addressesBySource (writer: Writer, peer: PeerId, data: PeerData, sourceTags: SourceTags): Map<SourceTag, Multiaddr[]> {
  const own = ownTag(writer, peer, data)
  const answered = own.source === SOURCE.dialled
  const all = new Map<SourceTag, Multiaddr[]>(own.reporter == null ? [] : [[own, []]])

  for (const multiaddr of multiaddrsOf(data)) {
    // an address that answered is a new report, whatever its earlier sources
    const tag = answered ? own : sourceTags.of(multiaddr) ?? own

    if (tag !== READ_BACK) {
      const list = all.get(tag) ?? []
      list.push(multiaddr)
      all.set(tag, list)
    }
  }

  return all
}

function ownTag (writer: Writer, peer: PeerId, data: PeerData): SourceTag {
  const inRecord = data.peerRecordEnvelope != null

  if (inRecord && writer.isUser === true) {
    // the record's signature is the only source of its addresses
    return READ_BACK
  }

  const source = writer.isCore === true && hasSucceeded(data) ? SOURCE.dialled : inRecord ? writer.record ?? writer.source : writer.source

  if (source == null) {
    return { source: SOURCE.unknown, by: writer.name }
  }

  return writer.isToldByPeer === true ? { source, reporter: peer } : { source }
}

/** Returns whether a dialer writes the address that has answered */
export function hasSucceeded ({ metadata }: PeerData): boolean {
  return metadata instanceof Map ? metadata.has(SUCCESS) : metadata?.[SUCCESS] != null
}
