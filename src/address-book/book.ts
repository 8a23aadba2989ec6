import { multiaddr } from '@multiformats/multiaddr'
import { addressText } from './address-text.ts'
import { fall } from './disconnect.ts'
import { untilOf } from './entry.ts'
import { MAX_ADDRESSES } from './limits.ts'
import { Recent } from './recent.ts'
import { attest } from './room.ts'
import { isUserGiven, SOURCE } from './sources.ts'
import { ttlOf } from './ttl.ts'
import type { Entries } from './entries.ts'
import type { AddressEntry, PeerEntry } from './entry.ts'
import type { Evidence } from './evidence.ts'
import type { Hold } from './pins/hold.ts'
import type { Said } from './room.ts'
import type { TtlInit } from './ttl.ts'
import type { ForgetOptions, Observation, WithdrawOptions } from './types.ts'
import type { KnownAddress } from '../pipeline/types.ts'
import type { KnownRecord } from '../records/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Of strings and parsed addresses that are wanted again soon */
const MAX_RECENT = 4_096

/** Who stands for which addresses of which peers. Every operation is one synchronous step */
export class Book {
  readonly entries: Entries
  readonly #ttls?: TtlInit
  readonly #reporters = new Recent<string>(MAX_RECENT)
  readonly #parsed = new Recent<Multiaddr | null>(MAX_RECENT)

  /** @param ttls milliseconds that the evidence of a source counts, by source, where it is not to be the usual time */
  constructor (entries: Entries, ttls?: TtlInit) {
    this.entries = entries
    this.#ttls = ttls
  }

  /** How many of the addresses are kept */
  observe (peer: PeerId, multiaddrs: readonly Multiaddr[], { source, reporter, seq, ttl = ttlOf(source, this.#ttls), replaces = false }: Observation): number {
    const texts = multiaddrs.map(multiaddr => addressText(multiaddr, peer)).filter(text => text != null)
    const now = this.entries.now
    const entry = texts.length > 0 && ttl > 0 ? this.entries.open(peer) : replaces ? this.entries.current(peer.toString()) : undefined
    const told = reporter == null ? undefined : this.#reporters.get(reporter.toString(), share)

    if (entry == null) {
      return 0
    }

    const named = new Set(texts)
    const isLess = replaces && entry.withdraw((evidence, { text }) => evidence.source === source && evidence.reporter === told && !named.has(text), now, this.entries.used(entry))
    const { kept, isNews } = ttl > 0 ? this.#attest(entry, texts, { source, reporter: told, seq, now, expires: now + ttl }) : { kept: 0, isNews: false }
    // a record may have died with an address that made place
    entry.prune(now, this.entries.used(entry))
    this.entries.changed(entry, isLess || isNews)

    return kept
  }

  /** Puts a record in the place of the one that is known. False: there is no place for another peer */
  keep (peer: PeerId, { seq, envelope }: KnownRecord, multiaddrs: readonly Multiaddr[]): boolean {
    const entry = this.entries.open(peer)

    if (entry == null) {
      return false
    }

    const now = this.entries.now
    const texts = multiaddrs.map(multiaddr => multiaddr.toString())
    const listed = new Set(texts)
    const isOld = entry.withdraw(({ source }, { text }) => source === SOURCE.certified && !listed.has(text), now, this.entries.used(entry))

    const { isNews } = this.#attest(entry, texts, { source: SOURCE.certified, seq, now, expires: now + ttlOf(SOURCE.certified, this.#ttls) })

    entry.record = { seq, envelope }
    entry.floor = undefined
    // of a record of which no address is kept there is only its seq
    const isLess = this.entries.prune(entry)
    this.entries.changed(entry, isOld || isNews || isLess)

    return true
  }

  query (peer: PeerId): KnownAddress[] {
    const entry = this.entries.current(peer.toString())

    const used = entry == null ? undefined : this.entries.used(entry)

    return entry?.addresses.flatMap(address => this.#known(entry, address, used) ?? []) ?? []
  }

  /** Returns one address of a peer with its sources; undefined: the book does not have it */
  find (id: string | undefined, multiaddr: Multiaddr): KnownAddress | undefined {
    const entry = id == null ? undefined : this.entries.current(id)
    const address = id == null ? undefined : entry?.find(addressText(multiaddr, id) ?? '')

    return entry == null || address == null ? undefined : this.#known(entry, address, this.entries.used(entry))
  }

  /** How many pieces of evidence were taken back */
  withdraw (source: string, { peer, reporter }: WithdrawOptions): number {
    const told = reporter?.toString()
    let withdrawn = 0

    for (const id of peer == null ? this.entries.ids : [peer.toString()]) {
      const entry = this.entries.current(id)
      const hasChanged = entry?.withdraw(evidence => {
        const isMeant = evidence.source === source && (told == null || evidence.reporter === told)
        withdrawn += Number(isMeant)

        return isMeant
      }, this.entries.now, this.entries.used(entry))

      if (entry != null && hasChanged === true) {
        this.entries.changed(entry, true)
      }
    }

    return withdrawn
  }

  /** Takes back all that is said of a peer, but for some of its addresses */
  forget (peer: PeerId, { except = [] }: ForgetOptions): void {
    const entry = this.entries.current(peer.toString())
    const kept = new Set(except.map(multiaddr => addressText(multiaddr, peer)))

    if (entry?.withdraw((_evidence, { text }) => !kept.has(text), this.entries.now, this.entries.used(entry)) === true) {
      this.entries.changed(entry, true)
    }
  }

  /** Another peer answers at an address: pins do not keep it any more, and only what the user gave remains of it */
  refute (peer: PeerId, multiaddr: Multiaddr): void {
    const text = addressText(multiaddr, peer)
    const entry = this.entries.current(peer.toString())

    if (entry == null || text == null) {
      return
    }

    const revoked = entry.holds.filter(hold => !hold.except(text))
    revoked.forEach(hold => { entry.release(hold) })

    const isFalse = entry.withdraw(({ source }, address) => address.text === text && !isUserGiven(source), this.entries.now, this.entries.used(entry))

    this.entries.changed(entry, entry.prune(this.entries.now, this.entries.used(entry), true) || isFalse)
    revoked.forEach(hold => { hold.end('revoked') })
  }

  /** Keeps addresses of a peer from expiring. False: there is no room for that */
  hold (peer: PeerId, hold: Hold): boolean {
    const id = peer.toString()
    const known = this.entries.current(id)
    const missing = [...hold.addresses ?? []].filter(text => known?.find(text) == null)
    const hasRoom = this.entries.pinned.hasRoomFor(id) && (known?.addresses.length ?? 0) + missing.length <= MAX_ADDRESSES
    const entry = hasRoom ? this.entries.open(peer) : undefined

    if (entry == null) {
      return false
    }

    // one of an earlier life of the node is in the hands of its owner again
    entry.holds = [...entry.holds.filter(({ isOrphan, owner }) => !isOrphan || owner !== hold.owner), hold]
    missing.forEach(text => { entry.add(text) })
    this.entries.pinned.add(entry)
    this.entries.prune(entry)
    this.entries.changed(entry, missing.length > 0)

    return true
  }

  /** The time of a hold is another now, or it is over */
  rehold (peer: PeerId, hold: Hold, isOver: boolean): void {
    const entry = this.entries.get(peer.toString())

    if (isOver) {
      entry?.release(hold)
    }

    if (entry != null) {
      this.entries.changed(entry, this.entries.prune(entry))
    }
  }

  /** A connection to a peer has closed */
  disconnected (id: string, before: readonly string[], closed: string): void {
    const entry = this.entries.get(id)

    if (entry == null) {
      return
    }

    const { addresses } = entry

    if (this.entries.used(entry) == null) {
      fall(entry, before, closed, this.entries.now, this.entries.disconnectTtl)
    } else {
      this.entries.prune(entry)
    }

    this.entries.changed(entry, entry.addresses !== addresses)
  }

  #attest (entry: PeerEntry, texts: readonly string[], said: Said): { kept: number, isNews: boolean } {
    const used = this.entries.used(entry)
    let isNews = false

    for (const text of texts) {
      const result = attest(entry, text, said, used)
      isNews ||= result === 'added'
    }

    // those that came first may have made place for the others
    const isKept = ({ source, reporter }: Evidence): boolean => source === said.source && reporter === said.reporter

    return { kept: texts.filter(text => entry.find(text)?.evidence.some(isKept) === true).length, isNews }
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
