import { InvalidParametersError } from '@libp2p/interface'
import { isMultiaddr, multiaddr as toMultiaddr } from '@multiformats/multiaddr'
import { checkName } from '../address/check-name.ts'
import { merge, peerOf } from '../pipeline/candidate.ts'
import { systemClock } from '../pipeline/clock.ts'
import { checkValue } from '../pipeline/check-options.ts'
import { MULTIADDR } from '../pipeline/option-kinds.ts'
import { addressText } from './address-text.ts'
import { echo, Taints } from './attribution/taints.ts'
import { Book } from './book.ts'
import { checkBookInit, checkForgetOptions, checkFunction, checkObservation, checkPeer, checkSource, checkWithdrawOptions } from './check-options.ts'
import { Connections } from './connections.ts'
import { consume } from './consume.ts'
import { Entries } from './entries.ts'
import { explain } from './explain.ts'
import { OwnRecord } from './own-record.ts'
import { PinOwner } from './pins/owner.ts'
import { SOURCE } from './sources.ts'
import { isStorable } from './storable-peer.ts'
import { Stats } from './stats.ts'
import { BookStore } from './store.ts'
import { Subscribers } from './subscribers.ts'
import { isOnlyHeard, USED_TTL } from './ttl.ts'
import type { PinQuotas, AddressBookComponents, AddressBookInit, ChangeListener, ConsumedRecord, ForgetOptions, Observation, SourceStats, WithdrawOptions } from './types.ts'
import type { Source } from './sources.ts'
import type { KnownRecord, OpenRecordOptions } from '../records/types.ts'
import type { AddressReports, Attestation, Candidate, DialAddressBook, KnownAddress } from '../pipeline/types.ts'
import type { Connection, PeerId, Startable } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'

/**
 * The addresses that a node was told of, and who stands for each. Evidence is added, not replaced: an address lives while
 * somebody stands for it, it is pinned, or a connection uses it.
 */
export class AddressBook implements DialAddressBook, Startable {
  readonly [Symbol.toStringTag] = 'libp2p-dial-pipeline-address-book'
  /** Set by `withProvenance`: it is told who writes to the node's peer store */
  isAttributed = false
  /** The addresses that the node has handed out. `withProvenance` puts its own there, before there are any */
  handedOut = new Taints()
  readonly #self: string
  readonly #book: Book
  readonly #entries: Entries
  readonly #connections: Connections
  readonly #subscribers: Subscribers
  readonly #stats = new Stats()
  readonly #own: OwnRecord
  readonly #owners = new Map<string, PinOwner>()
  readonly #store?: BookStore

  /** @throws InvalidParametersError for an unknown or wrong option */
  constructor (components: AddressBookComponents, init: AddressBookInit = {}) {
    checkBookInit(init)
    const { clock = systemClock } = init
    const log = components.logger.forComponent('libp2p:dial-pipeline:address-book')
    const datastore = datastoreOf(components)

    this.#self = components.peerId.toString()
    this.#own = new OwnRecord(components, log)
    this.#subscribers = new Subscribers(log)
    this.#connections = new Connections(components, {
      onOpen: connection => { this.#opened(connection) },
      onClose: (peer, before, closed) => { this.#book.disconnected(peer, before, closed) }
    })
    this.#entries = new Entries({
      ...init,
      clock,
      used: peer => this.#connections.used(peer),
      onChange: (peer, isNews) => {
        this.#store?.changed(peer)

        if (isNews) {
          this.#subscribers.tell(peer)
        }
      }
    })
    this.#book = new Book(this.#entries, init.ttl)
    this.#store = datastore == null ? undefined : new BookStore(this.#entries, datastore, clock, log)
  }

  /** How many peers it knows */
  get size (): number {
    return this.#entries.size
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
    checkObservation(peer, multiaddrs, observation)
    checkName('source of addresses', observation.source)

    return this.#observe(peer, Array.isArray(multiaddrs) ? multiaddrs : [multiaddrs as Multiaddr], observation)
  }

  /** Called by `withProvenance`: the node's dialer has written that it was connected to a peer there */
  recordDialled (peer: PeerId, multiaddrs: readonly Multiaddr[]): number {
    return this.#observe(peer, multiaddrs, { source: SOURCE.dialled })
  }

  #observe (peer: PeerId, multiaddrs: readonly Multiaddr[], observation: Observation): number {
    const { reporter } = observation

    return peer.toString() === this.#self || !isStorable(peer) || (reporter != null && !isStorable(reporter))
      ? 0
      : this.#book.observe(peer, multiaddrs, observation)
  }

  /** The addresses of a peer that are known now, and who stands for each: nobody does where only a pin keeps it */
  query (peer: PeerId): KnownAddress[] {
    // the book's own objects stand for the same addresses of other peers too
    const known = this.#book.query(peer).map(one => Object.freeze({ ...one, multiaddr: toMultiaddr(one.multiaddr) }))
    this.handedOut.mark(known.map(({ multiaddr }) => multiaddr), echo, peer)

    return known
  }

  /** The same for the dialer, which asks for each list: it hands nobody the objects, so they are not copied, and `reportsOf` does not know them */
  addressesOf (peer: PeerId): readonly KnownAddress[] {
    return this.#book.query(peer)
  }

  /** Called by the dialer: whoever takes the object from a trace or an event has it from the node. What the user gave is the user's */
  handOut ({ multiaddr, provenance }: Pick<Candidate, 'multiaddr' | 'provenance'>, peer?: PeerId): void {
    // a transport may say nothing of where it has connected
    if (!isMultiaddr(multiaddr) || provenance.some(({ source }) => source === SOURCE.user)) {
      return
    }

    const source = this.#book.find(peer?.toString(), multiaddr) == null ? provenance.find(isClaimable)?.source ?? SOURCE.peerStore : SOURCE.peerStore
    this.handedOut.mark([multiaddr], source === SOURCE.peerStore ? echo : { source }, peer)
  }

  /** Asked by the dialer, of an address that a caller passes on: who stands for it; undefined: the caller has it from elsewhere */
  reportsOf (multiaddr: Multiaddr, peer?: string): AddressReports | undefined {
    const origin = this.handedOut.originOf(multiaddr)

    if (origin == null) {
      return
    }

    const own = { isCertified: false, provenance: [{ source: origin.source }] }
    const known = this.#book.find(peer ?? origin.peer, multiaddr) ?? own
    const { isCertified, provenance } = peer == null ? unproven(known) : known

    // that it lies in the peer store is no report where there are others
    return origin.source === SOURCE.peerStore && provenance.length > 0 ? { isCertified, provenance } : merge({ isCertified, provenance }, own)
  }

  /**
   * Takes in a signed record of whatever origin. The newest of a peer takes the place of the one before: addresses that it
   * does not name are certified no more, and live on only for other reasons. Never rejects for what the bytes are.
   *
   * @throws InvalidParametersError for an unknown or wrong option
   */
  async consumeRecord (bytes: Uint8Array, options: OpenRecordOptions = {}): Promise<ConsumedRecord> {
    return consume(this.#book, bytes, this.#self, options)
  }

  /**
   * Returns the record of this node, sealed with its key: the addresses that it has now, as identify tells them to peers. It is the same
   * record until the addresses change, and `records(self)` returns it too
   *
   * @throws NotFoundError where the node has no addresses, as before it has started
   */
  async ownRecord (): Promise<KnownRecord> {
    return copyOf(await this.#own.seal())
  }

  /**
   * The signed records that are known of peers, by peer id as a string. A record is gone when none of its addresses is certified any more.
   * This node's own is known once `ownRecord()` has sealed it, and is renewed when the node's addresses change
   */
  records (...peers: readonly PeerId[]): Map<string, KnownRecord> {
    const records = new Map<string, KnownRecord>()

    for (const peer of peers) {
      const id = peer.toString()
      const record = id === this.#self ? this.#own.newest : this.#entries.current(id)?.record

      if (record != null) {
        records.set(id, copyOf(record))
      }
    }

    return records
  }

  /**
   * Calls the listener when addresses, or who stands for them, change: of one peer, or of all. The answer ends that
   *
   * @throws InvalidParametersError for a listener that is not a function
   */
  subscribe (peer: PeerId | undefined, listener: ChangeListener): () => void {
    checkFunction('subscribe()', listener)

    return this.#subscribers.add(peer?.toString(), listener)
  }

  /**
   * Takes back what a source has said: all of it, or of one peer, or what one reporter told. Answers how many times it stood for an address
   *
   * @throws InvalidParametersError for an empty or misspelt source, and for an unknown or wrong option: it would take back all that the
   * source has said
   */
  withdraw (source: Source, options: WithdrawOptions = {}): number {
    checkName('source of addresses', source)
    checkSource('withdraw()', source)
    checkWithdrawOptions(options)

    return this.#book.withdraw(source, options)
  }

  /**
   * Takes back all that anybody has said of a peer's addresses. What is pinned, or in use by a connection, stays an address until that
   * ends, and nobody stands for it. A signed record that is older than the one that is forgotten is still refused
   *
   * @throws InvalidParametersError for what is no peer id, and for an unknown or wrong option
   */
  forget (peer: PeerId, options: ForgetOptions = {}): void {
    checkForgetOptions(peer, options)
    this.#book.forget(peer, options)
  }

  /**
   * Forgets an address where another peer has answered: pins of it are revoked, and only what the user said of it remains. A ban, or a
   * connection gater that says no, is no proof: such an address stays, and is dialled again when it may be
   *
   * @throws InvalidParametersError for what is not a peer id and a multiaddr
   */
  refute (peer: PeerId, multiaddr: Multiaddr): void {
    checkPeer('refute()', peer)
    checkValue('refute()', multiaddr, MULTIADDR, InvalidParametersError)
    this.#book.refute(peer, multiaddr)
  }

  /**
   * A part of a program that is to pin addresses. There is one of each name.
   *
   * @throws InvalidParametersError where there is one of that name, for a name that is empty or of more than 256 characters, an
   * unknown or wrong option, and an infinite maxTtl
   */
  owner (name: string, quotas: PinQuotas = {}): PinOwner {
    checkName('name of an owner', name)

    if (this.#owners.has(name)) {
      throw new InvalidParametersError(`there is an owner ${name} already`)
    }

    const owner = new PinOwner(name, this.#book, quotas)
    this.#owners.set(name, owner)

    return owner
  }

  /** Told by the dialer: an attempt has ended. What was merely heard counts longer once it was used */
  attempted ({ multiaddr }: Candidate, outcome: 'connected' | 'failed'): void {
    const id = peerOf(multiaddr)
    const entry = id == null ? undefined : this.#entries.current(id)
    const address = id == null ? undefined : entry?.find(addressText(multiaddr, id) ?? '')

    if (entry == null || address == null) {
      return
    }

    this.#stats.attempted(address.evidence, outcome === 'connected')

    for (const evidence of address.evidence) {
      if (isOnlyHeard(evidence.source)) {
        evidence.expires = Math.max(evidence.expires, this.#entries.now + USED_TTL)
      }
    }

    this.#entries.changed(entry, false)
  }

  /** By source: how many addresses were dialled since the book was made, and how many of them answered */
  stats (): Readonly<Record<string, SourceStats>> {
    return this.#stats.report()
  }

  /** What is known of a peer's addresses, who said so and how long it counts, as text to read */
  explain (peer: PeerId): string {
    const entry = this.#entries.current(peer.toString())

    return entry == null ? `${peer.toString()}: nothing is known` : explain(entry, this.#entries.used(entry))
  }

  /** Called by libp2p: what was written in an earlier life is read before anything dials */
  async beforeStart (): Promise<void> {
    await this.#store?.open()
  }

  /** Called by libp2p */
  async start (): Promise<void> {
    this.#connections.start()
    this.#own.start()
    this.#entries.start()
    await this.#store?.open()
  }

  /** Called by libp2p: all connections end with the node, and what is not written yet is written */
  async stop (): Promise<void> {
    this.#entries.stop()
    this.#connections.stop()
    this.#own.stop()
    await this.#store?.close()
  }

  #opened ({ remotePeer, remoteAddr, direction }: Connection): void {
    // what has expired until now is not brought back by the connection
    this.#entries.current(remotePeer.toString())

    if (direction === 'outbound') {
      this.recordDialled(remotePeer, [remoteAddr])
    }
  }
}

/** Bytes can be changed by whoever has them */
function copyOf ({ seq, envelope }: KnownRecord): KnownRecord {
  return { seq, envelope: Uint8Array.from(envelope) }
}

function datastoreOf (components: AddressBookComponents): Datastore | undefined {
  try {
    return components.datastore
  } catch {
    // libp2p's components throw where there is none
    return undefined
  }
}

/** A signature or a connection is proof for one peer, of what stands in the book. Another peer's record proves nothing */
function isClaimable ({ source }: Attestation): boolean {
  return source !== SOURCE.certified && source !== SOURCE.dialled
}

/** The same for whatever peer answers */
function unproven ({ provenance }: AddressReports): AddressReports {
  return { isCertified: false, provenance: provenance.filter(isClaimable) }
}
