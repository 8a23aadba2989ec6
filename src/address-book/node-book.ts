import { systemClock } from '../pipeline/clock.ts'
import { datastoreFor } from '../datastore/persist.ts'
import { SOURCE } from '../pipeline/sources.ts'
import { isConfigured } from '../pipeline/trust.ts'
import { echo } from './attribution/taints.ts'
import { Book } from './book.ts'
import { Connections } from './connections.ts'
import { consume } from './consume.ts'
import { Entries } from './entries.ts'
import { HandedOut } from './handed-out.ts'
import { KnownAddresses } from './known-addresses.ts'
import { OwnRecord } from './own-record.ts'
import { PeerStoreLink } from './peer-store-link.ts'
import { isStorable } from './storable-peer.ts'
import { bookStore } from './store.ts'
import { Subscribers } from './subscribers.ts'
import type { AddressBookComponents, AddressBookInit, ConsumedRecord, ForgetOptions, Observation } from './types.ts'
import type { RecordStore } from '../datastore/record-store.ts'
import type { OpenRecordOptions } from '../records/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The book of one node, which hears of the node's connections, peer store and datastore */
export class NodeBook {
  readonly entries: Entries
  readonly book: Book
  readonly known: KnownAddresses
  readonly handedOut: HandedOut
  readonly subscribers: Subscribers
  readonly own: OwnRecord
  readonly self: string
  readonly #connections: Connections
  readonly #store?: RecordStore
  readonly #link?: PeerStoreLink

  /** @throws InvalidParametersError for `persist: true` where the node has no datastore */
  constructor (components: AddressBookComponents, init: AddressBookInit) {
    const { clock = systemClock } = init
    const log = components.logger.forComponent('libp2p:dial-pipeline:address-book')
    const datastore = datastoreFor(components, { what: 'addressBook', persist: init.persist, isDefault: true, log })
    const trust = init.trust == null ? undefined : new Map(Object.entries(init.trust))

    this.self = components.peerId.toString()
    this.own = new OwnRecord(components, log)
    this.subscribers = new Subscribers(log)
    this.#connections = new Connections(components, {
      // what has expired until now is not brought back by the connection
      beforeOpen: peer => { this.entries.current(peer) },
      onOpen: connection => { this.#opened(connection) },
      onClose: (peer, closed) => { this.book.closed(peer, closed) },
      onDisconnect: (peer, before, closed) => { this.book.disconnected(peer, before, closed) }
    })
    this.entries = new Entries({
      ...init,
      clock,
      trust,
      used: peer => this.#connections.used(peer),
      onChange: (peer, isNews) => {
        this.#store?.changed(peer)

        if (isNews) {
          this.subscribers.tell(peer)
        }
      }
    })
    this.book = new Book(this.entries)
    this.known = new KnownAddresses(this.entries, (multiaddr, peer) => { this.handedOut.taints.mark([multiaddr], echo, peer) })
    this.handedOut = new HandedOut(this.known)
    this.#store = datastore == null ? undefined : bookStore(this.entries, datastore, clock, log)
    this.#link = components.peerStore == null
      ? undefined
      : new PeerStoreLink({
        peerStore: components.peerStore,
        clock,
        log,
        isConfigured: (peer, multiaddr) => this.known.find(peer.toString(), multiaddr)?.provenance.some(({ source }) => isConfigured(source, trust)) === true,
        onReplaced: (peer, multiaddrs) => { this.forget(peer, { except: multiaddrs }) },
        // a record is verified for peers of which the book has one
        onRecord: async (peer, envelope) => this.entries.current(peer.toString())?.record == null ? undefined : this.keep(envelope, { expectedPeer: peer })
      })
  }

  /** How many of the addresses are kept: none of this node itself, nor of a peer whose id is made of a URL */
  observe (peer: PeerId, multiaddrs: readonly Multiaddr[], observation: Observation): number {
    const { reporter } = observation

    return peer.toString() === this.self || !isStorable(peer) || (reporter != null && !isStorable(reporter))
      ? 0
      : this.book.observe(peer, multiaddrs, observation)
  }

  /** Takes in a signed record, and writes it to the peer store */
  async consume (bytes: Uint8Array, options: OpenRecordOptions): Promise<ConsumedRecord> {
    return consume(this.book, bytes, this.self, options, this.#link)
  }

  /** Takes in a signed record that somebody writes to the peer store */
  async keep (bytes: Uint8Array, options: OpenRecordOptions): Promise<ConsumedRecord> {
    return consume(this.book, bytes, this.self, options)
  }

  forget (peer: PeerId, options: ForgetOptions): void {
    // what is read later does not bring it back
    if (this.#store?.isLoaded === false && this.entries.forgotten.size < this.entries.max) {
      this.entries.forgotten.add(peer.toString())
    }

    this.book.forget(peer, options)
  }

  /** @param isAttributed somebody else tells what is written to the peer store */
  async beforeStart (isAttributed: boolean): Promise<void> {
    if (!isAttributed) {
      this.#link?.start()
    }

    await this.#store?.open()
  }

  async start (isAttributed: boolean): Promise<void> {
    const opened = this.beforeStart(isAttributed)
    this.#connections.start()
    this.own.start()
    this.entries.start()
    await opened
  }

  async stop (): Promise<void> {
    this.entries.stop()
    this.#connections.stop()
    this.own.stop()
    this.#link?.stop()
    await this.#store?.close()
  }

  #opened ({ remotePeer, remoteAddr, direction }: Connection): void {
    this.observe(remotePeer, [remoteAddr], { source: direction === 'outbound' ? SOURCE.dialled : SOURCE.observed })
    this.book.connected(remotePeer.toString())
  }
}
