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
import { ADDRESSES, FORGET, OBSERVATION, PEER_OR_ALL, PEERS, WITHDRAW } from './option-kinds.ts'
import { copyOf } from './own-record.ts'
import { Owners } from './pins/owners.ts'
import type { AddressBookComponents, AddressBookInit, ChangeListener, ConsumedRecord, ForgetOptions, Observation, SourceStats, WithdrawOptions } from './types.ts'
import type { KnownRecord, OpenRecordOptions } from '../records/types.ts'
import type { SourceTags } from './attribution/source-tags.ts'
import type { PinOwner } from './pins/owner.ts'
import type { Source } from '../pipeline/sources.ts'
import type { PlacedSources } from '../pipeline/trust.ts'
import type { AddressReports, BookUsage, Candidate, DialAddressBook, KnownAddress } from '../pipeline/types.ts'
import type { Connection, PeerId, Startable } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * The addresses that a node was told of, and who reported each. The reports are a set for each peer, source and reporter. An address lives
 * while somebody reports it, it is pinned, or a connection uses it.
 */
export class AddressBook implements DialAddressBook, Startable {
  readonly [Symbol.toStringTag] = 'libp2p-dial-pipeline-address-book'
  /** Whether it is told who writes to the node's peer store */
  isAttributed?: boolean
  readonly trust?: PlacedSources
  readonly #node: NodeBook
  readonly #owners: Owners

  /** @throws InvalidParametersError for `persist: true` where the node has no datastore */
  constructor (components: AddressBookComponents, init: AddressBookInit = {}) {
    this.#node = new NodeBook(components, init)
    this.#owners = new Owners(this.#node.entries, init.pins)
    this.trust = this.#node.entries.trust
  }

  /** Called by `withProvenance`, which tells who writes to the node's peer store, and marks the addresses that the node hands out */
  attribute (sourceTags: SourceTags): void {
    this.isAttributed = true
    this.#node.handedOut.sourceTags = sourceTags
  }

  /** How many peers it knows */
  get size (): number { return this.#node.entries.peers.size }

  /** How much it holds now */
  get usage (): BookUsage { return { peers: this.size, addresses: this.#node.entries.peers.addresses, pins: this.#owners.pins } }

  /** Iterates over the peers of which it knows an address, as many as `maxPeers` */
  * peers (): Generator<PeerId, void, undefined> {
    for (const { id } of this.#node.entries.peers.entries) {
      if (this.#node.known.of(id).length > 0) {
        yield peerIdFromString(id)
      }
    }
  }

  /**
   * Somebody stands for addresses of a peer. Those that are empty, lead to another peer or have more than 1,024 bytes are left
   * out, and those that there is no room for: 64 a peer, 16 of them from the DHT, 8 from one reporter that is not the peer
   * itself. None is kept of a peer whose id is made of a URL, and none that such a one reports.
   *
   * @returns how many of them are kept
   * @throws InvalidParametersError for what is not a peer id or a multiaddr, an empty or misspelt source, one of more than 256 characters, `certified` and `dialled`, which
   * a record and a connection make, and an unknown or wrong option
   */
  observe (peer: PeerId, multiaddrs: Multiaddr | readonly Multiaddr[], observation: Observation): number {
    checkValue('observe()', peer, PEER_ID, InvalidParametersError)
    checkValue('observe()', multiaddrs, ADDRESSES, InvalidParametersError)
    checkOptions('observe()', observation, OBSERVATION, InvalidParametersError)

    return this.#node.observe(peer, Array.isArray(multiaddrs) ? multiaddrs : [multiaddrs as Multiaddr], observation)
  }

  /** Called by `withProvenance`: the node's dialer has written that it was connected to a peer there */
  recordDialled (peer: PeerId, multiaddrs: readonly Multiaddr[]): number {
    return this.#node.observe(peer, multiaddrs, { source: SOURCE.dialled })
  }

  /** The addresses of a peer that are known now, and who stands for each: nobody does where only a pin keeps it. Throws for what is not one peer id */
  query (peer: PeerId): KnownAddress[] {
    checkArguments('query()', arguments, 1, 'call it once for each peer', InvalidParametersError)
    checkValue('query()', peer, PEER_ID, InvalidParametersError)
    return this.#node.known.of(peer.toString())
  }

  /** Asked by the dialer: an older record of the peer than of that sequence number proves nothing, wherever it lies */
  minSeq (peer: PeerId): bigint | undefined {
    return this.#node.entries.minSeq(peer.toString())
  }

  /** Called by the dialer, which shows a candidate to others */
  handOut (candidate: Pick<Candidate, 'multiaddr' | 'provenance'>, peer?: PeerId): void {
    this.#node.handedOut.mark(candidate, peer)
  }

  /** Asked by the dialer, of an address that a caller passes on: who stands for it; undefined: the caller has it from elsewhere */
  reportsOf (multiaddr: Multiaddr, peer?: string): AddressReports | undefined {
    return this.#node.handedOut.reportsOf(multiaddr, peer)
  }

  /**
   * Takes in a signed record of whatever origin, and writes it to the node's peer store. The newest of a peer takes the place of the one
   * before: addresses that it does not name are certified no more, and live on only for other reasons. Never rejects for what the bytes are,
   * or for what the peer store does, for which it waits 5 s at most.
   *
   * @throws InvalidParametersError for an unknown or wrong option
   */
  async consumeRecord (bytes: Uint8Array, options: OpenRecordOptions = {}): Promise<ConsumedRecord> {
    checkOptions('consumeRecord()', options, OPEN, InvalidParametersError)
    return this.#node.consume(bytes, options)
  }

  /** Called by `withProvenance`: a record that is written to the peer store. Throws as `consumeRecord()` */
  async recordWritten (bytes: Uint8Array, options: OpenRecordOptions): Promise<ConsumedRecord> {
    return this.#node.consume(bytes, options, true)
  }

  /**
   * Returns the record of this node, sealed with its key: the addresses that it has now, as identify tells them to peers. It is the same
   * record for a minute, unless the addresses change, and then a newer one: peers refuse one that is older than what identify has told them.
   * `records(self)` returns the newest that is sealed
   *
   * @throws NotFoundError where the node has no addresses, as before it has started
   */
  async ownRecord (): Promise<KnownRecord> {
    return copyOf(await this.#node.own.seal())
  }

  /**
   * The signed records that are known of peers, by peer id as a string. A record is gone when none of its addresses is certified any more.
   * This node's own is known once `ownRecord()` has sealed it, and is renewed when the node's addresses change. Throws for what is not a peer id
   */
  records (...peers: readonly PeerId[]): Map<string, KnownRecord> {
    peers.forEach(peer => { checkValue('records()', peer, PEERS, InvalidParametersError) })
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
   * Calls the listener when addresses, or who stands for them, change: of one peer, or of all. The answer ends that
   *
   * @throws InvalidParametersError for what is neither a peer id nor undefined, and for a listener that is not a function
   */
  subscribe (peer: PeerId | undefined, listener: ChangeListener): () => void {
    checkValue('subscribe()', peer, PEER_OR_ALL, InvalidParametersError)
    checkValue('subscribe()', listener, FUNCTION, InvalidParametersError)

    return this.#node.subscribers.add(peer?.toString(), listener)
  }

  /**
   * Takes back what a source has said: all of it, or of one peer, or what one reporter told. Answers how many times it stood for an address
   *
   * @throws InvalidParametersError for an empty or misspelt source, and for an unknown or wrong option: it would take back all that the
   * source has said
   */
  withdraw (source: Source, options: WithdrawOptions = {}): number {
    checkValue('withdraw()', source, SOURCE_NAME, InvalidParametersError)
    checkOptions('withdraw()', options, WITHDRAW, InvalidParametersError)

    return this.#node.book.withdraw(source, options)
  }

  /**
   * Takes back all that anybody has said of a peer's addresses. What is pinned, or in use by a connection, stays an address until that
   * ends, and nobody stands for it. A signed record that is older than the one that is forgotten is still refused. The peer store is
   * left as it is: its `delete()` does both
   *
   * @throws InvalidParametersError for what is no peer id, and for an unknown or wrong option
   */
  forget (peer: PeerId, options: ForgetOptions = {}): void {
    checkValue('forget()', peer, PEER_ID, InvalidParametersError)
    checkOptions('forget()', options, FORGET, InvalidParametersError)
    this.#node.forget(peer, options)
  }

  /**
   * Forgets an address where another peer has answered: only what the user said of it remains. No pin covers it for an hour, or until a
   * connection to the peer or first-hand word of the address. A ban, or a connection gater that says no, is no proof: such an address stays
   *
   * @throws InvalidParametersError for what is not a peer id and a multiaddr
   */
  refute (peer: PeerId, multiaddr: Multiaddr): void {
    checkValue('refute()', peer, PEER_ID, InvalidParametersError)
    checkValue('refute()', multiaddr, MULTIADDR, InvalidParametersError)
    this.#node.book.refute(peer, multiaddr)
  }

  /**
   * Returns the handle of a part of a program that pins addresses: the same one each time for a name. Its quotas come from
   * `addressBook({ pins })`
   *
   * @throws InvalidParametersError for a name that is empty or of more than 256 characters, and for quotas
   * @throws PinQuotaExceededError for the 33rd name that `addressBook({ pins })` does not have
   */
  owner (name: string): PinOwner {
    checkArguments('owner()', arguments, 1, 'the node gives quotas, with addressBook({ pins: { owners: { … } } })', InvalidParametersError)
    checkName('name of an owner', name)

    return this.#owners.of(name)
  }

  /** Told by the dialer: an attempt has ended, and was not cancelled. `connection`: what came of it */
  attempted (candidate: Candidate, outcome: 'connected' | 'failed', connection?: Connection): void {
    this.#node.attempted(candidate, outcome === 'connected', connection)
  }

  /** By source: how many addresses were dialled since the book was made, and how many of them answered */
  stats (): Readonly<Record<string, SourceStats>> {
    return this.#node.stats.report()
  }

  /** Says what is known of a peer's addresses, who said so and how long it counts, as text to read. Throws for what is not a peer id */
  explain (peer: PeerId): string {
    checkValue('explain()', peer, PEER_ID, InvalidParametersError)
    return explain(peer.toString(), this.#node.entries)
  }

  /** Called by libp2p: what was written in an earlier life is read before anything dials */
  async beforeStart (): Promise<void> {
    await this.#node.beforeStart(this.isAttributed === true)
  }

  /** Called by libp2p */
  async start (): Promise<void> {
    await this.#node.start(this.isAttributed === true)
  }

  /** Called by libp2p: all connections end with the node, and what is not written yet is written */
  async stop (): Promise<void> {
    await this.#node.stop()
  }
}
