import { InvalidParametersError } from '@libp2p/interface'
import { peerOf } from '../pipeline/candidate.ts'
import { systemClock } from '../pipeline/clock.ts'
import { datesOf } from '../pipeline/date-clock.ts'
import { datastoreFor } from '../datastore/persist.ts'
import { SOURCE } from '../pipeline/sources.ts'
import { isConfigured } from '../pipeline/trust.ts'
import { safeLog } from '../pipeline/safe-log.ts'
import { isSameRecord, openRecord } from '../records/open-record.ts'
import { isStorable } from './address-text.ts'
import { Book } from './book.ts'
import { Connections } from './connections.ts'
import { Entries } from './entries.ts'
import { KnownAddresses } from './known-addresses.ts'
import { OwnRecord } from './own-record.ts'
import { PeerStoreLink } from './peer-store-link.ts'
import { Stats } from './stats.ts'
import { bookStore } from './store.ts'
import { Subscribers } from './subscribers.ts'
import type { AddressBookComponents, AddressBookInit, ConsumedRecord, ForgetOptions, ReportInit } from './types.ts'
import type { SourceTags } from './attribution/source-tags.ts'
import type { RecordStore } from '../datastore/record-store.ts'
import type { OpenRecordOptions, SignedRecord } from '../records/types.ts'
import type { Candidate } from '../pipeline/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Connects the book of one node to its connections, peer store and datastore */
export class NodeBook {
  readonly entries: Entries
  readonly book: Book
  readonly known: KnownAddresses
  readonly subscribers: Subscribers
  readonly own: OwnRecord
  readonly self: string
  isAttributed = false
  readonly stats = new Stats()
  readonly #components: AddressBookComponents
  readonly #connections = new Connections()
  readonly #store?: RecordStore
  readonly #link?: PeerStoreLink

  /** @throws InvalidParametersError for `persist: true` if the node has no datastore */
  constructor (components: AddressBookComponents, init: AddressBookInit) {
    const clock = datesOf(init.clock ?? systemClock)
    const log = safeLog(components.logger, 'libp2p:dial-pipeline:address-book')
    const datastore = datastoreFor(components, { what: 'addressBook', persist: init.persist, isDefault: true, log })
    const trust = init.trust == null ? undefined : new Map(Object.entries(init.trust))

    this.#components = components
    this.self = components.peerId.toString()
    this.own = new OwnRecord(components, clock, log)
    this.subscribers = new Subscribers(log)
    this.entries = new Entries({
      ...init,
      clock,
      trust,
      used: peer => this.#connections.used(peer),
      onChange: peer => { this.#store?.changed(peer) },
      onNews: peer => { this.subscribers.notify(peer) }
    })
    this.book = new Book(this.entries)
    this.known = new KnownAddresses(this.entries)
    this.#store = datastore == null ? undefined : bookStore(this.entries, this.self, datastore, clock, log)
    this.#link = components.peerStore == null
      ? undefined
      : new PeerStoreLink({
        peerStore: components.peerStore,
        clock,
        log,
        isConfigured: (peer, multiaddr) => this.known.find(peer.toString(), multiaddr)?.provenance.some(({ source }) => isConfigured(source, trust)) === true,
        onReplaced: (peer, multiaddrs) => { this.forget(peer, { except: multiaddrs }) },
        // only for peers with a known record: verifying others would cost a signature check each
        onRecord: async (peer, envelope) => this.entries.current(peer.toString())?.record == null ? undefined : this.consume(envelope, { expectedPeer: peer }, true)
      })
    // observes writes before the start too: a program may delete peers before it starts the node
    this.#link?.start()
  }

  /** Records a report, and returns the number of addresses kept. Keeps none of this node, nor of or from a peer whose id is a URL */
  observe (peer: PeerId, multiaddrs: readonly Multiaddr[], report: ReportInit): number {
    const { reporter } = report

    return peer.toString() === this.self || !isStorable(peer) || (reporter != null && !isStorable(reporter))
      ? 0
      : this.book.observe(peer, multiaddrs, report) ?? 0
  }

  /**
   * Verifies a signed record, and stores it in the book and the peer store
   *
   * @param isWritten whether other code writes the record to the peer store, so that only the book gets it here
   */
  async consume (bytes: Uint8Array, options: OpenRecordOptions, isWritten = false): Promise<ConsumedRecord> {
    const link = isWritten ? undefined : this.#link
    const opened = await openRecord(bytes, options)

    if (opened.status === 'refused') {
      return opened
    }

    if (opened.record.peerId.toString() === this.self) {
      return { status: 'refused', reason: 'own', text: 'a record of this node' }
    }

    return link == null ? this.#keepNewest(opened.record) : link.consume(opened.record, this.#keepNewest)
  }

  /** Keeps a verified record unless it is older than the known one. One synchronous step, so that the newest of concurrent records stays */
  readonly #keepNewest = (record: SignedRecord): ConsumedRecord => {
    const { peerId, seq, envelope, skipped } = record
    const known = this.entries.current(peerId.toString())?.record
    const minSeq = this.entries.minSeq(peerId.toString()) ?? 0n

    if (seq < minSeq) {
      return { status: 'refused', reason: 'replayed', text: `seq ${seq} is less than ${minSeq}, which is or was known` }
    }

    if (known?.seq === seq && !isSameRecord(known.envelope, envelope)) {
      return { status: 'refused', reason: 'conflicting', text: `another record of seq ${seq} is known` }
    }

    if (this.book.observe(peerId, record.multiaddrs, { source: SOURCE.certified, replaces: true }, record) == null) {
      return { status: 'refused', reason: 'full', text: 'the address book is full, and no peer of a lower or equal level can be evicted' }
    }

    return { status: known?.seq === seq ? 'refreshed' : 'accepted', peerId, seq, skipped }
  }

  attempted ({ multiaddr, provenance }: Candidate, hasConnected: boolean, connection?: Connection): void {
    const id = peerOf(multiaddr)

    if (connection != null) {
      this.book.dialled(connection.remotePeer.toString(), connection.remoteAddr, provenance.map(({ source }) => source))
    }

    if (id != null) {
      this.stats.attempted(this.book.attempted(id, multiaddr, hasConnected), hasConnected)
    }
  }

  forget (peer: PeerId, options: ForgetOptions): void {
    // the stored entry, which is read later, must not bring its reports back
    if (this.#store?.isLoaded === false) {
      this.entries.forgotten.add(peer, options.except ?? [])
    }

    this.book.forget(peer, options)
  }

  /** Leaves the observation of the peer store to `withProvenance()` */
  attribute (sourceTags: SourceTags): void {
    this.isAttributed = true
    this.known.sourceTags = sourceTags
    this.#link?.stop()
  }

  async beforeStart (): Promise<void> {
    checkServiceName(this.#components)

    if (!this.isAttributed) {
      this.#link?.start()
    }

    await this.#store?.open()
  }

  async start (): Promise<void> {
    const opened = this.beforeStart()
    const { connectionManager, events } = this.#components
    // adding a listener again has no effect
    events.addEventListener('connection:open', this.#onOpen)
    events.addEventListener('connection:close', this.#onClose)
    connectionManager.getConnections().forEach(detail => { this.#onOpen({ detail }) })
    this.own.start()
    this.entries.expiry.start()
    this.entries.floors.expiry.start()
    await opened
  }

  async stop (): Promise<void> {
    this.entries.expiry.stop()
    this.entries.floors.expiry.stop()
    this.#components.events.removeEventListener('connection:open', this.#onOpen)
    this.#components.events.removeEventListener('connection:close', this.#onClose)
    // the connections end with the node, after this service has stopped listening
    this.#connections.all.forEach(detail => { this.#onClose({ detail }) })
    this.own.stop()
    this.#link?.stop()
    await this.#store?.close()
  }

  readonly #onOpen = ({ detail: connection }: Pick<CustomEvent<Connection>, 'detail'>): void => {
    const { remotePeer, remoteAddr, direction } = connection
    // removes what has expired before the connection extends it
    this.entries.current(remotePeer.toString())

    if (this.#connections.add(connection)) {
      this.observe(remotePeer, [remoteAddr], { source: direction === 'outbound' ? SOURCE.dialled : SOURCE.observed })
      this.book.connected(remotePeer.toString())
    }
  }

  readonly #onClose = ({ detail: connection }: Pick<CustomEvent<Connection>, 'detail'>): void => {
    const id = connection.remotePeer.toString()
    const before = this.#connections.used(id) ?? []
    const closed = this.#connections.remove(connection)

    if (closed != null) {
      this.book.closed(id, before, closed)
    }
  }
}

/** @throws InvalidParametersError if the service has another name than the one that a dialer looks up: libp2p's components then throw */
function checkServiceName (components: AddressBookComponents): void {
  try {
    Reflect.get(components, 'addressBook')
  } catch {
    throw new InvalidParametersError('The address book has to be the service "addressBook", where a dialer looks for it: write services: { addressBook: addressBook() }')
  }
}
