import { capTtls } from './disconnect.ts'
import { PeerEntry } from './entry.ts'
import { Expiry } from './expiry.ts'
import { Floors } from './floors.ts'
import { LEVEL, levelOfPeer } from './levels.ts'
import { MAX_PEERS } from './limits.ts'
import { Peers } from './peers.ts'
import { Sweep } from './sweep.ts'
import { DISCONNECT_TTL, ttlOf } from './ttl.ts'
import type { KnownPeer } from './codec.ts'
import type { AddressBookInit } from './types.ts'
import type { KnownRecord } from '../records/types.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { PlacedSources } from '../pipeline/trust.ts'

export interface EntriesInit extends Pick<AddressBookInit, 'maxPeers' | 'disconnectTtl' | 'ttl'> {
  readonly clock: Clock
  /** The sources that the application trusts more or less than usual */
  readonly trust?: PlacedSources
  /** The addresses of the open connections to a peer, undefined: it is not connected */
  used (peer: string): readonly string[] | undefined
  /**
   * Something of a peer is not as it was
   *
   * @param isNews its addresses, or who stands for them, are not what they were
   */
  onChange (peer: string, isNews: boolean): void
}

/** The entries of all peers, in memory: which there is room for, and which have expired */
export class Entries {
  /** How many peers there can be */
  readonly max: number
  /** Milliseconds that addresses count at most after the last connection to their peer has ended */
  readonly disconnectTtl: number
  readonly trust?: PlacedSources
  readonly floors: Floors
  readonly peers: Peers
  readonly expiry: Expiry
  /** Peers of which nothing that others have said in an earlier life is taken in */
  readonly forgotten = new Set<string>()
  readonly #init: EntriesInit

  constructor (init: EntriesInit) {
    const { maxPeers: max = MAX_PEERS, disconnectTtl = DISCONNECT_TTL } = init

    this.max = max
    this.disconnectTtl = disconnectTtl
    this.trust = init.trust
    this.#init = init
    const sweep = new Sweep(() => this.peers.entries, entry => this.#sweep(entry))
    this.expiry = new Expiry(init.clock, () => sweep.next())
    this.floors = new Floors(max)
    this.peers = new Peers(max, entry => {
      this.#raiseFloor(entry)
      init.onChange(entry.id, true)
    }, entry => levelOfPeer(entry, false, this.trust, LEVEL.surplus))
  }

  /** In milliseconds since the epoch */
  get now (): number {
    return this.#init.clock.now()
  }

  used ({ id }: PeerEntry): readonly string[] | undefined {
    return this.#init.used(id)
  }

  isConnected (peer: string): boolean {
    return this.#init.used(peer) != null
  }

  /** Returns how long a report of a source counts, in milliseconds */
  readonly ttlOf = (source: string): number => ttlOf(source, this.#init.ttl)

  /** What is known of a peer now, undefined: nothing */
  current (id: string): PeerEntry | undefined {
    const entry = this.peers.get(id)

    if (entry == null) {
      return
    }

    this.#renew(entry)

    return entry.isEmpty ? undefined : entry
  }

  /** The highest sequence number of the signed records of a peer: of the one that is known, one that is gone, and another */
  minSeq (id: string, other?: KnownRecord): bigint | undefined {
    const records = [this.current(id)?.record, this.floors.get(id, this.now), other]

    return records.reduce<bigint | undefined>((most, one) => one != null && one.seq > (most ?? -1n) ? one.seq : most, undefined)
  }

  /**
   * The entry of a peer, made where there is none. Undefined: there is no room for another peer
   *
   * @param level why the peer is known from now on, at least
   * @param reporter who reports the peer by hearsay
   */
  open (id: string, level: number, reporter?: string): PeerEntry | undefined {
    const known = this.peers.get(id)

    if (known != null) {
      this.prune(known)
      this.peers.place(known, known.level)

      return known
    }

    const entry = new PeerEntry(id)

    return this.peers.add(entry, this.isConnected(id) ? LEVEL.kept : level, reporter) ? entry : undefined
  }

  /** Removes what has expired, and addresses that nobody stands for. Returns whether there were any */
  prune (entry: PeerEntry): boolean {
    const { id, record } = entry
    const hasChanged = entry.prune(this.now, this.used(entry))

    if (entry.record == null) {
      this.#raiseFloor({ id, record })
    }

    return hasChanged
  }

  /** An entry was changed: it is removed where nothing is left of it */
  changed (entry: PeerEntry, isNews: boolean): void {
    if (entry.isEmpty) {
      this.peers.delete(entry)
    } else {
      const level = this.#levelOf(entry)

      if (entry.level !== level) {
        this.peers.place(entry, level)
      }

      this.expiry.watch(entry.earliest)
    }

    this.#init.onChange(entry.id, isNews)
  }

  /** The same, where what is left of an entry has to be looked at */
  settle (entry: PeerEntry, isNews = false): void {
    entry.recheck()
    const hasChanged = this.prune(entry)
    this.changed(entry, hasChanged || isNews)
  }

  /** Reports of a peer expire later than before: nothing else has changed */
  refreshed (entry: PeerEntry): void {
    this.#init.onChange(entry.id, false)
  }

  /** Takes in what is known of a peer from an earlier life. False: it is to be written anew, as there is no place, or it does not all count any more */
  restore (id: string, { entry: read, used, floor }: KnownPeer): boolean {
    if (floor != null) {
      this.floors.restore(id, floor, this.now)
    }

    const known = this.peers.get(id)
    const minSeq = this.minSeq(id, read?.record) ?? 0n
    // of two with one number the known one stays, as when they are taken in
    read?.dropRecord(known?.record?.seq === minSeq ? minSeq + 1n : minSeq)

    if (known?.dropRecord(minSeq) === true) {
      this.settle(known, true)
    }

    if (read == null) {
      return this.floors.get(id, this.now) != null
    }

    const isForgotten = this.forgotten.has(id) && read.withdraw(() => true) > 0

    // the connections of that life have ended with it
    if (used != null && !this.isConnected(id)) {
      capTtls(read, used, used.at(-1) ?? '', this)
    }

    read.recheck()
    this.prune(read)
    const current = this.peers.get(id)

    if (current == null && (read.isEmpty || !this.peers.add(read, this.#levelOf(read)))) {
      return false
    }

    const entry = current ?? read
    current?.absorb(read)
    entry.recheck()
    this.prune(entry)
    this.peers.place(entry, this.#levelOf(entry))
    this.expiry.watch(entry.earliest)

    return !isForgotten
  }

  /** Returns what is to be written of a peer. Undefined: nothing */
  known (id: string): KnownPeer | undefined {
    const entry = this.current(id)
    const floor = this.floors.get(id, this.now)

    return entry == null && floor == null ? undefined : { entry, used: entry == null ? undefined : this.used(entry), floor }
  }

  /** Returns whether something of an entry has ended */
  #sweep (entry: PeerEntry): boolean {
    // one that was evicted since does not come back
    const hasEnded = entry.earliest <= this.now && this.peers.get(entry.id) === entry

    if (hasEnded) {
      this.#renew(entry)
    }

    this.expiry.watch(entry.earliest)

    return hasEnded
  }

  #renew (entry: PeerEntry): void {
    if (this.prune(entry) || entry.isEmpty) {
      this.changed(entry, true)
    }
  }

  #levelOf (entry: PeerEntry): number {
    return levelOfPeer(entry, this.isConnected(entry.id), this.trust)
  }

  #raiseFloor ({ id, record }: Pick<PeerEntry, 'id' | 'record'>): void {
    if (record != null) {
      this.floors.raise(id, record.seq, this.now)
    }
  }
}
