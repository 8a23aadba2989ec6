import { multiaddr } from '@multiformats/multiaddr'
import { addressText } from './address-text.ts'
import { encode } from './codec.ts'
import { fall } from './disconnect.ts'
import { untilOf } from './entry.ts'
import { Expiry } from './expiry.ts'
import { MAX_ADDRESSES, MAX_PEERS } from './limits.ts'
import { Peers } from './peers.ts'
import { Pinned } from './pins/pinned.ts'
import { Recent } from './recent.ts'
import { attest } from './room.ts'
import { isUserGiven, SOURCE } from './sources.ts'
import { DISCONNECT_TTL, ttlOf } from './ttl.ts'
import type { AddressEntry, PeerEntry } from './entry.ts'
import type { Evidence } from './evidence.ts'
import type { Hold } from './pins/hold.ts'
import type { Said } from './room.ts'
import type { AddressBookInit, KnownRecord, Observation, WithdrawOptions } from './types.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { KnownAddress } from '../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Of strings and parsed addresses that are wanted again soon */
const MAX_RECENT = 4_096

export interface BookInit extends Omit<AddressBookInit, 'clock'> {
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

/** What is known of the addresses of all peers, in memory. Every operation is one synchronous step */
export class Book {
  /** How many peers there can be */
  readonly max: number
  readonly #init: BookInit
  readonly #peers: Peers
  readonly #expiry: Expiry<PeerEntry>
  readonly #pinned: Pinned
  readonly #reporters = new Recent<string>(MAX_RECENT)
  readonly #parsed = new Recent<Multiaddr | null>(MAX_RECENT)

  constructor (init: BookInit) {
    const max = init.maxPeers ?? MAX_PEERS

    this.max = max
    this.#init = init
    this.#expiry = new Expiry(init.clock, ({ id }) => { this.current(id) })
    this.#pinned = new Pinned(max)
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
      this.#changed(entry, true)
    }

    return entry.isEmpty ? undefined : entry
  }

  /** How many of the addresses are kept */
  observe (peer: PeerId, multiaddrs: readonly Multiaddr[], { source, reporter, seq, ttl = ttlOf(source, this.#init.ttl) }: Observation): number {
    const texts = multiaddrs.map(multiaddr => addressText(multiaddr, peer)).filter(text => text != null)
    const now = this.now
    const entry = texts.length > 0 && ttl > 0 ? this.#open(peer) : undefined
    const told = reporter == null ? undefined : this.#reporters.get(reporter.toString(), share)

    if (entry == null) {
      return 0
    }

    const { kept, isNews } = this.#attest(entry, texts, { source, reporter: told, seq, now, expires: now + ttl })
    // a record may have died with an address that made place
    entry.prune(now, this.used(entry))
    this.#changed(entry, isNews)

    return kept
  }

  /** Puts a record in the place of the one that is known. False: there is no place for another peer */
  keep (peer: PeerId, { seq, envelope }: KnownRecord, multiaddrs: readonly Multiaddr[]): boolean {
    const entry = this.#open(peer)

    if (entry == null) {
      return false
    }

    const now = this.now
    const texts = multiaddrs.map(multiaddr => multiaddr.toString())
    const listed = new Set(texts)
    const isOld = entry.withdraw(({ source }, { text }) => source === SOURCE.certified && !listed.has(text), now, this.used(entry))

    const { isNews } = this.#attest(entry, texts, { source: SOURCE.certified, seq, now, expires: now + ttlOf(SOURCE.certified, this.#init.ttl) })

    entry.record = { seq, envelope }
    entry.floor = undefined
    // of a record of which no address is kept there is only its seq
    const isLess = this.#prune(entry)
    this.#changed(entry, isOld || isNews || isLess)

    return true
  }

  query (peer: PeerId): KnownAddress[] {
    const entry = this.current(peer.toString())

    const used = entry == null ? undefined : this.used(entry)

    return entry?.addresses.flatMap(address => this.#known(entry, address, used) ?? []) ?? []
  }

  /** How many pieces of evidence were taken back */
  withdraw (source: string, { peer, reporter }: WithdrawOptions): number {
    const told = reporter?.toString()
    let withdrawn = 0

    for (const id of peer == null ? Array.from(this.#peers.entries, ({ id }) => id) : [peer.toString()]) {
      const entry = this.current(id)
      const hasChanged = entry?.withdraw(evidence => {
        const isMeant = evidence.source === source && (told == null || evidence.reporter === told)
        withdrawn += Number(isMeant)

        return isMeant
      }, this.now, this.used(entry))

      if (entry != null && hasChanged === true) {
        this.#changed(entry, true)
      }
    }

    return withdrawn
  }

  /** Another peer answers at an address: pins do not keep it any more, and only what the user gave remains of it */
  refute (peer: PeerId, multiaddr: Multiaddr): void {
    const text = addressText(multiaddr, peer)
    const entry = this.current(peer.toString())

    if (entry == null || text == null) {
      return
    }

    const revoked = entry.holds.filter(hold => !hold.except(text))
    revoked.forEach(hold => { entry.release(hold) })

    const isFalse = entry.withdraw(({ source }, address) => address.text === text && !isUserGiven(source), this.now, this.used(entry))

    this.#changed(entry, entry.prune(this.now, this.used(entry), true) || isFalse)
    revoked.forEach(hold => { hold.end('revoked') })
  }

  /** Keeps addresses of a peer from expiring. False: there is no room for that */
  hold (peer: PeerId, hold: Hold): boolean {
    const id = peer.toString()
    const known = this.current(id)
    const missing = [...hold.addresses ?? []].filter(text => known?.find(text) == null)
    const hasRoom = this.#pinned.hasRoomFor(id) && (known?.addresses.length ?? 0) + missing.length <= MAX_ADDRESSES
    const entry = hasRoom ? this.#open(peer) : undefined

    if (entry == null) {
      return false
    }

    // one of an earlier life of the node is in the hands of its owner again
    entry.holds = [...entry.holds.filter(({ isOrphan, owner }) => !isOrphan || owner !== hold.owner), hold]
    missing.forEach(text => { entry.add(text) })
    this.#pinned.add(entry)
    this.#prune(entry)
    this.#changed(entry, missing.length > 0)

    return true
  }

  /** The time of a hold is another now, or it is over */
  rehold (peer: PeerId, hold: Hold, isOver: boolean): void {
    const entry = this.#peers.get(peer.toString())

    if (isOver) {
      entry?.release(hold)
    }

    if (entry != null) {
      this.#changed(entry, this.#prune(entry))
    }
  }

  /** A connection to a peer has closed */
  disconnected (id: string, before: readonly string[], closed: string): void {
    const entry = this.#peers.get(id)

    if (entry == null) {
      return
    }

    const { addresses } = entry

    if (this.used(entry) == null) {
      fall(entry, before, closed, this.now, this.#init.disconnectTtl ?? DISCONNECT_TTL)
    } else {
      this.#prune(entry)
    }

    this.#changed(entry, entry.addresses !== addresses)
  }

  /** Evidence of an address was changed */
  touched (entry: PeerEntry): void {
    this.#changed(entry, false)
  }

  /** Takes in what is known of a peer from an earlier life. False: nothing of it counts any more, or there is no place */
  restore (read: PeerEntry): boolean {
    this.#prune(read)

    const known = this.#peers.get(read.id)
    known?.absorb(read)

    const entry = known ?? (read.isEmpty ? undefined : this.#peers.add(read))

    if (entry != null) {
      this.#prune(entry)
      this.#pinned.add(entry)
      this.#expiry.watch(entry)
    }

    return entry != null
  }

  /** What is known of a peer, to be written under that key. Undefined: nothing */
  encode (key: string, id: string): Uint8Array | undefined {
    const entry = this.current(id)

    return entry == null ? undefined : encode(key, entry, { now: this.now, used: this.used(entry), disconnectTtl: this.#init.disconnectTtl ?? DISCONNECT_TTL })
  }

  #open (peer: PeerId): PeerEntry | undefined {
    const entry = this.#peers.open(peer.toString())
    entry?.prune(this.now, this.used(entry))

    return entry
  }

  #prune (entry: PeerEntry): boolean {
    return entry.prune(this.now, this.used(entry), true)
  }

  #attest (entry: PeerEntry, texts: readonly string[], said: Said): { kept: number, isNews: boolean } {
    const used = this.used(entry)
    let isNews = false

    for (const text of texts) {
      const result = attest(entry, text, said, used)
      isNews ||= result === 'added'
    }

    // those that came first may have made place for the others
    const isKept = ({ source, reporter }: Evidence): boolean => source === said.source && reporter === said.reporter

    return { kept: texts.filter(text => entry.find(text)?.evidence.some(isKept) === true).length, isNews }
  }

  #changed (entry: PeerEntry, isNews: boolean): void {
    if (entry.isEmpty) {
      this.#peers.delete(entry.id)
      this.#expiry.forget(entry)
    } else {
      this.#expiry.watch(entry)
    }

    this.#init.onChange(entry.id, isNews)
  }

  #known (entry: PeerEntry, { text, evidence }: AddressEntry, used: readonly string[] | undefined): KnownAddress | undefined {
    const multiaddr = this.#parsed.get(text, parse)
    const held = entry.heldUntil(text, used)

    return multiaddr == null
      ? undefined
      : Object.freeze({
        multiaddr,
        isCertified: evidence.some(({ source }) => source === SOURCE.certified),
        provenance: Object.freeze(evidence.map(one => one.toAttestation(Math.max(held, untilOf(one, used)))))
      })
  }
}

function share (text: string): string {
  return text
}

/** What was read from a datastore is not parsed before it is wanted */
function parse (text: string): Multiaddr | null {
  try {
    return multiaddr(text)
  } catch {
    return null
  }
}
