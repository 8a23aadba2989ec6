import { SOURCE } from '../../pipeline/sources.ts'
import { PEER_STORE_TTL } from '../ttl.ts'
import { hasAddresses, isSuccessWrite, multiaddrsOf } from '../peer-store-write.ts'
import { READ_BACK } from './source-tags.ts'
import type { AddressBook } from '../address-book.ts'
import type { SourceTag, SourceTags } from './source-tags.ts'
import type { Writer } from './writer.ts'
import type { Logger, PeerData, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The part of an address book that receives attributed addresses */
export type Observer = Pick<AddressBook, 'trust' | 'observe' | 'recordDialled' | 'recordWritten' | 'forget' | 'query'>

export type AddressFilter = (peer: PeerId, multiaddr: Multiaddr) => boolean | Promise<boolean>

/** Reports to the address book who wrote which address */
export class AttributionLog {
  observer?: Observer

  readonly #sourceTags: SourceTags
  readonly #log: Logger
  readonly #filter?: AddressFilter
  /** The writers of addresses of unknown origin that were logged. Each is logged once */
  readonly #loggedUnknown = new Set<string>()

  /** @param filter the address filter of the peer store */
  constructor (sourceTags: SourceTags, log: Logger, filter?: AddressFilter) {
    this.#sourceTags = sourceTags
    this.#log = log
    this.#filter = filter
  }

  /**
   * Records a write before it happens. Never rejects, and awaits only the node's filter and the verification of a signature
   *
   * @param isWhole whether the write replaces the addresses of the peer: its own earlier reports are then removed
   */
  async write (writer: Writer, peer: PeerId, data: PeerData, isWhole: boolean): Promise<void> {
    for (const [{ by, ...tag }, all] of addressesBySource(writer, peer, data, this.#sourceTags)) {
      const multiaddrs = await this.#admitted(peer, all)
      const replaces = isWhole && tag.reporter?.equals(peer) === true

      if (multiaddrs.length === 0 && !replaces) {
        continue
      }

      if (tag.source === SOURCE.unknown) {
        this.#logUnknownSource(by ?? writer.name)
      }

      const ttl = tag.source === SOURCE.user ? PEER_STORE_TTL : undefined

      void this.#callObserver(observer => tag.source === SOURCE.dialled
        ? observer.recordDialled(peer, multiaddrs)
        : observer.observe(peer, multiaddrs, { ...tag, replaces, ttl }))
    }

    const { peerRecordEnvelope } = data

    if (peerRecordEnvelope != null && hasAddresses(data)) {
      await this.#callObserver(observer => observer.recordWritten(peerRecordEnvelope, { expectedPeer: peer }))
    }
  }

  /** Applies the filter of the peer store to the address book. The peer store calls the filter again when it stores the addresses */
  async #admitted (peer: PeerId, multiaddrs: Multiaddr[]): Promise<Multiaddr[]> {
    const filter = this.#filter

    if (filter == null) {
      return multiaddrs
    }

    try {
      const answers = await Promise.all(multiaddrs.map(async multiaddr => filter(peer, multiaddr)))

      return multiaddrs.filter((_, i) => answers[i])
    } catch {
      return []
    }
  }

  /** Removes the reports of all addresses that are not in `data`: the user has replaced or deleted the peer */
  async forget (peer: PeerId, data: PeerData): Promise<void> {
    await this.#callObserver(observer => observer.forget(peer, { except: multiaddrsOf(data) }))
  }

  #logUnknownSource (name: string): void {
    if (!this.#loggedUnknown.has(name)) {
      this.#loggedUnknown.add(name)
      this.#log.error('%s wrote addresses of an unknown source: wrap its factory in withSource()', name)
    }
  }

  async #callObserver (fn: (observer: Observer) => unknown): Promise<void> {
    try {
      if (this.observer != null) {
        await fn(this.observer)
      }
    } catch (err) {
      this.#log.error('the address book could not note who wrote an address - %e', err)
    }
  }
}

/**
 * Returns the addresses of one write by their source, without those that the writer only read from the peer store or the address book. What the peer
 * itself reports is included even without addresses: it may replace its earlier reports
 */
function addressesBySource (writer: Writer, peer: PeerId, data: PeerData, sourceTags: SourceTags): Map<SourceTag, Multiaddr[]> {
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

  const source = writer.isCore === true && isSuccessWrite(data) ? SOURCE.dialled : inRecord ? writer.record ?? writer.source : writer.source

  if (source == null) {
    return { source: SOURCE.unknown, by: writer.name }
  }

  return writer.isReportedByPeer === true ? { source, reporter: peer } : { source }
}
