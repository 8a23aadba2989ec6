import { InvalidParametersError } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { checkName } from '../address/check-name.ts'
import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { FUNCTION, MULTIADDR, PEER_ID } from '../pipeline/option-kinds.ts'
import { SOURCE_NAME } from '../pipeline/source-kinds.ts'
import { SOURCE } from '../pipeline/sources.ts'
import { explain } from './explain.ts'
import { OPEN } from '../records/open-record.ts'
import { NodeBook } from './node-book.ts'
import { ADDRESSES, FORGET, REPORT, PEER_OR_ALL, REMOVE_REPORTS } from './option-kinds.ts'
import { copyOf } from './own-record.ts'
import { Owners } from './pins/owners.ts'
import type { AddressBookComponents, AddressBookInit, ChangeListener, ConsumedRecord, ForgetOptions, ReportInit, RemoveReportsOptions, SourceStats } from './types.ts'
import type { KnownRecord, OpenRecordOptions } from '../records/types.ts'
import type { SourceTags } from './attribution/source-tags.ts'
import type { PinOwner } from './pins/owner.ts'
import type { Source } from '../pipeline/sources.ts'
import type { PlacedSources } from '../pipeline/trust.ts'
import type { AddressReports, BookUsage, Candidate, DialAddressBook, KnownAddress } from '../pipeline/types.ts'
import type { Connection, PeerId, Startable } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Records which sources reported which addresses of a peer. The reports are a set per peer, source and reporter. An address is kept while it has
 * a report, is pinned, or is used by a connection.
 */
export class AddressBook implements DialAddressBook, Startable {
  readonly [Symbol.toStringTag] = 'libp2p-dial-pipeline-address-book'
  readonly trust?: PlacedSources
  readonly #node: NodeBook
  readonly #owners: Owners

  /** @throws InvalidParametersError for `persist: true` if the node has no datastore */
  constructor (components: AddressBookComponents, init: AddressBookInit = {}) {
    this.#node = new NodeBook(components, init)
    this.#owners = new Owners(this.#node.entries, init.pins)
    this.trust = this.#node.entries.trust
  }

  /** Called by `withProvenance()`, which observes the writes to the peer store, and tags the addresses that the node hands out */
  attribute (sourceTags: SourceTags): void {
    this.#node.attribute(sourceTags)
  }

  /** Whether the book observes all writes to the peer store */
  get isAttributed (): boolean { return this.#node.isAttributed }

  /** The number of known peers */
  get size (): number { return this.#node.entries.peers.size }

  /** The current number of peers, addresses and pins */
  get usage (): BookUsage { return { peers: this.size, addresses: this.#node.entries.peers.addresses, pins: this.#owners.pins } }

  /** Iterates over the peers with a known address, at most `maxPeers` */
  * peers (): Generator<PeerId, void, undefined> {
    for (const { id } of this.#node.entries.peers.entries) {
      if (this.#node.entries.current(id)?.addresses.some(address => address.validReports(this.trust) != null) === true) {
        yield peerIdFromString(id)
      }
    }
  }

  /**
   * Records that a source reports addresses of a peer. Skips empty addresses, those of another peer, those above 1,024 bytes, and those beyond the
   * caps: 64 per peer, 16 of them from the DHT, 8 from a reporter other than the peer itself. Skips all if the id of the peer or the reporter is a URL.
   *
   * @returns the number of addresses that are kept
   * @throws InvalidParametersError for a wrong peer id or multiaddr, for a source that is empty, misspelt, above 256 characters, `certified` or
   * `dialled` (both need proof), and for an unknown or wrong option
   */
  observe (peer: PeerId, multiaddrs: Multiaddr | readonly Multiaddr[], report: ReportInit): number {
    checkValue('observe()', peer, PEER_ID, InvalidParametersError)
    checkValue('observe()', multiaddrs, ADDRESSES, InvalidParametersError)
    checkOptions('observe()', report, REPORT, InvalidParametersError)

    return this.#node.observe(peer, Array.isArray(multiaddrs) ? multiaddrs : [multiaddrs as Multiaddr], report)
  }

  /** Called by `withProvenance()`: records that the node's dialer has connected to a peer at these addresses. Returns the number kept */
  recordDialled (peer: PeerId, multiaddrs: readonly Multiaddr[]): number {
    return this.#node.observe(peer, multiaddrs, { source: SOURCE.dialled })
  }

  /** Returns the known addresses of a peer with their reports: none for an address that only a pin keeps. @throws InvalidParametersError without one peer id */
  query (peer: PeerId): KnownAddress[] {
    checkArguments('query()', arguments, 1, 'call it once for each peer', InvalidParametersError)
    checkValue('query()', peer, PEER_ID, InvalidParametersError)
    return this.#node.known.of(peer.toString())
  }

  /** Called by the dialer: returns the lowest sequence number that a signed record of the peer must have to prove anything */
  minSeq (peer: PeerId): bigint | undefined {
    return this.#node.entries.minSeq(peer.toString())
  }

  /** Called by the dialer before a transport or a listener sees a candidate: what they write to the peer store is then not news */
  handOut (candidate: Pick<Candidate, 'multiaddr' | 'provenance'>, peer?: PeerId): void {
    this.#node.known.mark(candidate, peer)
  }

  /** Called by the dialer: returns the reports of an address object that the node handed out. Undefined: the caller has it from elsewhere */
  reportsOf (multiaddr: Multiaddr, peer?: string): AddressReports | undefined {
    return this.#node.known.reportsOf(multiaddr, peer)
  }

  /**
   * Verifies a signed record and stores it in the book and the node's peer store. A newer record replaces the known one: addresses that it does not
   * list lose `certified`, and stay only if other reports remain. Never rejects because of the bytes or the peer store, for which it waits at most 5 s.
   *
   * @throws InvalidParametersError for an unknown or wrong option
   */
  async consumeRecord (bytes: Uint8Array, options: OpenRecordOptions = {}): Promise<ConsumedRecord> {
    checkOptions('consumeRecord()', options, OPEN, InvalidParametersError)
    return this.#node.consume(bytes, options)
  }

  /** Called by `withProvenance()` for a record that is written to the peer store. Throws like `consumeRecord()` */
  async recordWritten (bytes: Uint8Array, options: OpenRecordOptions): Promise<ConsumedRecord> {
    return this.#node.consume(bytes, options, true)
  }

  /**
   * Returns a signed record of this node with its current addresses, as identify sends them. The record is cached for a minute, unless the addresses
   * change. The next one has a higher sequence number: peers refuse a record older than that of identify.
   *
   * @throws NotFoundError if the node has no addresses, for example before its start
   */
  async ownRecord (): Promise<KnownRecord> {
    return copyOf(await this.#node.own.seal())
  }

  /**
   * Returns the known signed records of peers, by peer id as a string. A record is removed when none of its addresses is certified any more. This
   * node's own record is known after the first `ownRecord()`, and is renewed when its addresses change. @throws InvalidParametersError for a wrong peer id
   */
  records (...peers: readonly PeerId[]): Map<string, KnownRecord> {
    peers.forEach(peer => { checkValue('records()', peer, PEER_ID, InvalidParametersError) })
    const records = new Map<string, KnownRecord>()

    for (const peer of peers) {
      const id = peer.toString()
      const record = id === this.#node.self ? this.#node.own.newest : this.#node.entries.current(id)?.record

      if (record != null) {
        records.set(id, copyOf(record))
      }
    }

    return records
  }

  /**
   * Calls the listener when the addresses or reports of a peer change, or of all peers. A change that a listener makes is announced in the next turn of
   * the event loop. Returns a function that removes the listener
   *
   * @throws InvalidParametersError for a `peer` that is neither a peer id nor undefined, and a listener that is not a function
   */
  subscribe (peer: PeerId | undefined, listener: ChangeListener): () => void {
    checkValue('subscribe()', peer, PEER_OR_ALL, InvalidParametersError)
    checkValue('subscribe()', listener, FUNCTION, InvalidParametersError)

    return this.#node.subscribers.add(peer?.toString(), listener)
  }

  /**
   * Removes the reports of a source: all, or those that match the options. Returns the number of removed reports
   *
   * @throws InvalidParametersError for an empty or misspelt source, and an unknown or wrong option: ignoring it would remove all reports of the source
   */
  removeReports (source: Source, options: RemoveReportsOptions = {}): number {
    checkValue('removeReports()', source, SOURCE_NAME, InvalidParametersError)
    checkOptions('removeReports()', options, REMOVE_REPORTS, InvalidParametersError)

    return this.#node.book.removeReports(source, options)
  }

  /**
   * Removes all reports of a peer's addresses. An address that is pinned or used by a connection stays until that ends, without reports. A signed
   * record older than the removed one is still refused. The peer store is not changed: its `delete()` removes the peer from both.
   *
   * @throws InvalidParametersError for a wrong peer id, and an unknown or wrong option
   */
  forget (peer: PeerId, options: ForgetOptions = {}): void {
    checkValue('forget()', peer, PEER_ID, InvalidParametersError)
    checkOptions('forget()', options, FORGET, InvalidParametersError)
    this.#node.forget(peer, options)
  }

  /**
   * Invalidates an address at which another peer has answered. For one hour its reports do not count, except newer and configured ones. A report of the
   * peer itself, mDNS or the user ends that early, as does a connection at the address. Do not call it after a ban or a denial of the gater, which prove
   * nothing.
   *
   * @throws InvalidParametersError for a wrong peer id or multiaddr
   */
  invalidate (peer: PeerId, multiaddr: Multiaddr): void {
    checkValue('invalidate()', peer, PEER_ID, InvalidParametersError)
    checkValue('invalidate()', multiaddr, MULTIADDR, InvalidParametersError)
    this.#node.book.invalidate(peer, multiaddr)
  }

  /**
   * Returns the owner of this name, through which a part of a program pins addresses. Each name has one owner object. `addressBook({ pins })` sets
   * the quotas
   *
   * @throws InvalidParametersError for an empty name, one above 256 characters, and a second argument
   * @throws PinQuotaExceededError for the 33rd name that is not in `addressBook({ pins })`
   */
  owner (name: string): PinOwner {
    checkArguments('owner()', arguments, 1, 'the node gives quotas, with addressBook({ pins: { owners: { … } } })', InvalidParametersError)
    checkName('name of an owner', name)

    return this.#owners.of(name)
  }

  /** Called by the dialer: records how an attempt ended, unless it was cancelled. `connection`: the connection of a successful attempt */
  attempted (candidate: Candidate, outcome: 'connected' | 'failed', connection?: Connection): void {
    this.#node.attempted(candidate, outcome === 'connected', connection)
  }

  /** Returns, by source, the number of addresses dialled since the book was created, and the number of those that answered */
  stats (): Readonly<Record<string, SourceStats>> {
    return this.#node.stats.report()
  }

  /** Returns the addresses and reports of a peer with their expiry, as text. @throws InvalidParametersError for a wrong peer id */
  explain (peer: PeerId): string {
    checkValue('explain()', peer, PEER_ID, InvalidParametersError)
    return explain(peer.toString(), this.#node.entries)
  }

  /** Called by libp2p: reads the stored entries before any module dials */
  async beforeStart (): Promise<void> {
    await this.#node.beforeStart()
  }

  /** Called by libp2p */
  async start (): Promise<void> {
    await this.#node.start()
  }

  /** Called by libp2p: records the end of all connections, and writes the changes */
  async stop (): Promise<void> {
    await this.#node.stop()
  }
}
