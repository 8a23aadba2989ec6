import { encode } from './codec.ts'
import { Expiry } from './expiry.ts'
import { MAX_PEERS } from './limits.ts'
import { Peers } from './peers.ts'
import { Pinned } from './pins/pinned.ts'
import { DISCONNECT_TTL } from './ttl.ts'
import type { PeerEntry } from './entry.ts'
import type { AddressBookInit } from './types.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { PeerId } from '@libp2p/interface'

export interface EntriesInit extends Pick<AddressBookInit, 'maxPeers' | 'disconnectTtl'> {
  readonly clock: Clock
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
  readonly pinned: Pinned
  readonly #init: EntriesInit
  readonly #peers: Peers
  readonly #expiry: Expiry<PeerEntry>

  constructor (init: EntriesInit) {
    const { maxPeers: max = MAX_PEERS, disconnectTtl = DISCONNECT_TTL } = init

    this.max = max
    this.disconnectTtl = disconnectTtl
    this.#init = init
    this.#expiry = new Expiry(init.clock, ({ id }) => { this.current(id) })
    this.pinned = new Pinned(max)
    this.#peers = new Peers({
      max,
      canLeave: entry => {
        if (entry.prune(this.now, this.used(entry))) {
          init.onChange(entry.id, true)
        }

        return entry.holds.length === 0 && this.used(entry) == null && !entry.isUserGiven
      },
      onLeave: entry => {
        this.#expiry.forget(entry)
        init.onChange(entry.id, true)
      }
    })
  }

  /** In milliseconds since the epoch */
  get now (): number {
    return this.#init.clock.now()
  }

  /** How many peers there are */
  get size (): number {
    return this.#peers.size
  }

  /** Of all peers, as strings */
  get ids (): string[] {
    return Array.from(this.#peers.entries, ({ id }) => id)
  }

  start (): void {
    this.#expiry.start()
  }

  stop (): void {
    this.#expiry.stop()
  }

  used ({ id }: PeerEntry): readonly string[] | undefined {
    return this.#init.used(id)
  }

  isConnected (peer: PeerId): boolean {
    return this.#init.used(peer.toString()) != null
  }

  /** What is known of a peer now, undefined: nothing */
  current (id: string): PeerEntry | undefined {
    const entry = this.#peers.get(id)

    if (entry == null) {
      return
    }

    if (entry.prune(this.now, this.used(entry)) || entry.isEmpty) {
      this.changed(entry, true)
    }

    return entry.isEmpty ? undefined : entry
  }

  /** What is known of a peer, with what has expired since it was last looked at */
  get (id: string): PeerEntry | undefined {
    return this.#peers.get(id)
  }

  /** The entry of a peer, made where there is none. Undefined: there is no room for another peer */
  open (peer: PeerId): PeerEntry | undefined {
    const entry = this.#peers.open(peer.toString())
    entry?.prune(this.now, this.used(entry))

    return entry
  }

  /** Removes what has expired, and addresses that nobody stands for. Returns whether there were any */
  prune (entry: PeerEntry): boolean {
    return entry.prune(this.now, this.used(entry), true)
  }

  /** An entry was changed: it is removed where nothing is left of it */
  changed (entry: PeerEntry, isNews: boolean): void {
    if (entry.isEmpty) {
      this.#peers.delete(entry.id)
      this.#expiry.forget(entry)
    } else {
      this.#expiry.watch(entry)
    }

    this.#init.onChange(entry.id, isNews)
  }

  /** Takes in what is known of a peer from an earlier life. False: nothing of it counts any more, or there is no place */
  restore (read: PeerEntry): boolean {
    this.prune(read)

    const known = this.#peers.get(read.id)
    known?.absorb(read)

    const entry = known ?? (read.isEmpty ? undefined : this.#peers.add(read))

    if (entry != null) {
      this.prune(entry)
      this.pinned.add(entry)
      this.#expiry.watch(entry)
    }

    return entry != null
  }

  /** What is known of a peer, to be written under that key. Undefined: nothing */
  encode (key: string, id: string): Uint8Array | undefined {
    const entry = this.current(id)

    return entry == null ? undefined : encode(key, entry, { now: this.now, used: this.used(entry), disconnectTtl: this.disconnectTtl })
  }
}
