import { PeerEntry } from './entry.ts'
import { Expiry } from './expiry.ts'
import { ForgottenPeers } from './forgotten-peers.ts'
import { SeqFloors } from './seq-floors.ts'
import { LEVEL, levelOfPeer } from './levels.ts'
import { MAX_PEERS } from './limits.ts'
import { Peers } from './peers.ts'
import { DISCONNECT_TTL, ttlOf } from './ttl.ts'
import type { SeqFloor } from './seq-floors.ts'
import type { AddressBookInit } from './types.ts'
import type { KnownRecord } from '../records/types.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { PlacedSources } from '../pipeline/trust.ts'

export interface EntriesInit extends Pick<AddressBookInit, 'maxPeers' | 'disconnectTtl' | 'ttl'> {
  readonly clock: Clock
  /** The sources to which the application gave another trust level */
  readonly trust?: PlacedSources
  /** Returns the addresses of the open connections to a peer. Undefined: it is not connected */
  readonly used: (peer: string) => readonly string[] | undefined
  /** Called when data of a peer has changed that the datastore keeps */
  readonly onChange: (peer: string) => void
  /** Called when the addresses or reports of a peer have changed. The callee may write to the book */
  readonly onNews: (peer: string) => void
}

/** A peer in the form that is written to the datastore */
export interface KnownPeer {
  readonly entry?: PeerEntry
  /** The addresses of its open connections. Undefined: it was not connected */
  readonly used?: readonly string[]
  readonly floor?: SeqFloor
}

/** The entries of all peers, in memory: enforces the cap, and removes what has expired */
export class Entries {
  /** The maximum number of peers */
  readonly max: number
  /** Caps the milliseconds that addresses remain after the last connection to their peer has closed */
  readonly disconnectTtl: number
  readonly trust?: PlacedSources
  readonly floors: SeqFloors
  readonly peers: Peers
  readonly expiry: Expiry<PeerEntry>
  readonly forgotten: ForgottenPeers
  readonly used: EntriesInit['used']
  readonly #init: EntriesInit
  /** The peers that the operation in progress has evicted. They are news at its end: a listener may write to the book */
  readonly #evicted: string[] = []

  constructor (init: EntriesInit) {
    const { maxPeers: max = MAX_PEERS, disconnectTtl = DISCONNECT_TTL } = init

    this.max = max
    this.disconnectTtl = disconnectTtl
    this.trust = init.trust
    this.used = init.used
    this.#init = init
    this.expiry = new Expiry(init.clock, () => this.peers.entries, entry => this.#sweep(entry))
    this.forgotten = new ForgottenPeers(max)
    this.floors = new SeqFloors(max, init.clock, init.onChange)
    this.peers = new Peers(max, entry => {
      this.#addFloor(entry)
      init.onChange(entry.id)
      this.#evicted.push(entry.id)
    }, this.trust)
  }

  get now (): number {
    return this.#init.clock.now()
  }

  /** Returns the TTL of a source's reports, in milliseconds */
  readonly ttlOf = (source: string): number => ttlOf(source, this.#init.ttl)

  /** Returns the entry of a peer without what has expired. Undefined: nothing is known */
  current (id: string): PeerEntry | undefined {
    const entry = this.peers.get(id)

    // a listener to what has expired may have replaced the entry
    return entry != null && this.#renew(entry) ? this.peers.get(id) : entry
  }

  /** Returns the highest sequence number among the known record of a peer, removed ones, and another one */
  minSeq (id: string, other?: KnownRecord): bigint | undefined {
    const records = [this.current(id)?.record, this.floors.get(id), other]

    return records.reduce<bigint | undefined>((most, one) => one != null && one.seq > (most ?? -1n) ? one.seq : most, undefined)
  }

  /**
   * Returns the entry of a peer, and creates it if needed. Call `prune()` and `changed()` next. Undefined: there is no room for another peer
   *
   * @param level the level of a new entry
   * @param reporter the peer that reports a new entry by hearsay
   */
  open (id: string, level: number, reporter?: string): PeerEntry | undefined {
    const known = this.peers.get(id)

    if (known != null) {
      this.peers.place(known, known.level)

      return known
    }

    const entry = new PeerEntry(id)

    return this.peers.add(entry, this.used(id) != null ? LEVEL.inUse : level, reporter) ? entry : undefined
  }

  /** Removes what has expired, and addresses without a report. Returns whether anything was removed */
  prune (entry: PeerEntry): boolean {
    const { id, record } = entry
    const hasChanged = entry.prune(this.now, this.used(id))

    if (entry.record == null) {
      this.#addFloor({ id, record })
    }

    return hasChanged
  }

  /** Stores reports that only expire later than before */
  refreshed (id: string): void {
    this.#init.onChange(id)
  }

  /** Handles a change of an entry: schedules its write, removes it if it is empty, and calls the listeners if `isNews` */
  changed (entry: PeerEntry, isNews: boolean): void {
    this.#init.onChange(entry.id)
    this.announce(entry, isNews)
  }

  /** Prunes the whole entry, and then handles its change like `changed()` */
  settle (entry: PeerEntry, isNews = false): void {
    entry.recheck()
    const hasChanged = this.prune(entry)
    this.changed(entry, hasChanged || isNews)
  }

  levelOf (entry: PeerEntry): number {
    return levelOfPeer(entry, this.used(entry.id) != null, this.trust)
  }

  /** Returns what is stored of a peer. Undefined: nothing */
  known (id: string): KnownPeer | undefined {
    const entry = this.current(id)
    const floor = this.floors.get(id)

    return entry == null && floor == null ? undefined : { entry, used: entry == null ? undefined : this.used(id), floor }
  }

  /** Removes what has expired from an entry. Returns whether anything has */
  #sweep (entry: PeerEntry): boolean {
    // an entry that was evicted meanwhile is skipped: a change would bring it back
    const hasEnded = entry.earliest <= this.now && this.peers.get(entry.id) === entry

    if (hasEnded) {
      this.#renew(entry)
    }

    this.expiry.watch(entry.earliest)

    return hasEnded
  }

  /** Removes what has expired. Returns whether listeners were called */
  #renew (entry: PeerEntry): boolean {
    const hasChanged = this.prune(entry) || entry.isEmpty

    if (hasChanged) {
      this.changed(entry, true)
    }

    return hasChanged
  }

  /** Handles a change like `changed()`, without a write */
  announce (entry: PeerEntry, isNews: boolean): void {
    if (entry.isEmpty) {
      this.peers.delete(entry)
    } else {
      const level = this.levelOf(entry)

      if (entry.level !== level) {
        this.peers.place(entry, level)
      }

      this.expiry.watch(entry.earliest)
    }

    if (this.#evicted.length > 0) {
      this.#evicted.splice(0).forEach(this.#init.onNews)
    }

    if (isNews) {
      this.#init.onNews(entry.id)
    }
  }

  #addFloor ({ id, record }: Pick<PeerEntry, 'id' | 'record'>): void {
    if (record != null) {
      this.floors.add(id, record.seq)
    }
  }
}
