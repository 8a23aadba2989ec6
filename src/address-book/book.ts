import { Bounded } from '../pipeline/bounded.ts'
import { isSelfReported, SOURCE } from '../pipeline/sources.ts'
import { isFirstHand, isHearsay } from '../pipeline/trust.ts'
import { addressText } from './address-text.ts'
import { capTtls } from './cap-ttls.ts'
import { levelOfReport } from './levels.ts'
import { addReport, reportIn } from './add-report.ts'
import { USED_TTL } from './ttl.ts'
import type { Entries } from './entries.ts'
import type { AddressEntry, PeerEntry } from './entry.ts'
import type { StoredReport } from './stored-report.ts'
import type { NewReport } from './add-report.ts'
import type { ForgetOptions, ReportInit, RemoveReportsOptions } from './types.ts'
import type { KnownRecord } from '../records/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The reports of all peers' addresses. Every operation is one synchronous step */
export class Book {
  readonly entries: Entries
  /** The peer id of each reporter as text, one string for all its reports */
  readonly #reporters: Bounded<string>

  constructor (entries: Entries) {
    this.entries = entries
    this.#reporters = new Bounded(entries.max)
  }

  /**
   * Records a report of several addresses. Returns the number of addresses that are kept. Undefined: there is no entry, or no room for one
   *
   * @param record replaces the known record of the peer
   */
  observe (peer: PeerId, multiaddrs: readonly Multiaddr[], { source, reporter, ttl = this.entries.ttlOf(source), replaces = false }: ReportInit, record?: KnownRecord): number | undefined {
    const { now, trust, floors } = this.entries
    const named = multiaddrs.map(multiaddr => addressText(multiaddr, peer)).filter(text => text != null)
    const texts = ttl > 0 ? named : []
    const id = peer.toString()
    const reporterId = reporter == null ? undefined : this.#reporters.renew(reporter.toString(), () => reporter.toString())
    const rumourOf = reporterId !== id && isHearsay(source, trust) ? reporterId : undefined
    const isOpened = texts.length > 0 || record != null
    const entry = isOpened ? this.entries.open(id, levelOfReport(source, now + ttl, trust), rumourOf) : replaces ? this.entries.current(id) : undefined

    if (entry == null) {
      return undefined
    }

    const hasExpired = this.entries.prune(entry)
    const isLess = replaces && this.#replace(entry, named, source, reporterId)
    const { kept, isNews } = this.#addReports(entry, texts, { source, reporter: reporterId, seq: record?.seq, now, expires: now + ttl })

    if (record != null) {
      entry.record = { seq: record.seq, envelope: record.envelope }
      floors.delete(id)
      // the next prune() checks whether an address of the record was kept. If none was, only its sequence number is
      entry.recheck()
    }

    if (isNews || isLess || hasExpired || record != null || ttl === Infinity) {
      // the record may be gone with an address that was evicted
      this.entries.prune(entry)
      this.entries.changed(entry, isNews || isLess || hasExpired)
    } else {
      this.entries.refreshed(id)
    }

    return kept
  }

  /** Removes reports of a source. Returns their number */
  removeReports (source: string, { peer, reporter, multiaddr }: RemoveReportsOptions): number {
    const reporterId = reporter?.toString()
    let removed = 0

    for (const id of peer == null ? this.entries.peers.entries.map(({ id }) => id) : [peer.toString()]) {
      const text = multiaddr == null ? undefined : addressText(multiaddr, id)

      removed += this.#remove(id, (report, address) => report.source === source &&
        (reporterId == null || report.reporter === reporterId) &&
        (multiaddr == null || address.text === text))
    }

    return removed
  }

  forget (peer: PeerId, { except = [] }: ForgetOptions): void {
    const kept = new Set(except.map(multiaddr => addressText(multiaddr, peer)))
    this.#remove(peer.toString(), (_report, { text }) => !kept.has(text))
  }

  /** Suspends the reports of an address at which another peer has answered, except configured ones. Hearsay is removed: a pin could keep it for ever */
  invalidate (peer: PeerId, multiaddr: Multiaddr): void {
    const { trust, now } = this.entries
    const entry = this.entries.current(peer.toString())
    const address = entry?.find(addressText(multiaddr, peer) ?? '')

    if (entry != null && address != null) {
      const before = address.validReports(trust)
      address.failure = now
      entry.removeReports(({ source }, one) => one === address && isHearsay(source, trust))

      // a pin of the whole peer would keep an address that no source reports
      if (address.reports.length === 0 && !entry.pins.some(({ addresses }) => addresses?.has(address.text) === true)) {
        entry.remove(address)
      }

      this.entries.settle(entry, address.validReports(trust)?.length !== before?.length)
    }
  }

  /** Records the end of an attempt. A success extends the TTL of hearsay, a failure makes the address the first of its trust to be evicted */
  attempted (id: string, multiaddr: Multiaddr, hasConnected: boolean): readonly StoredReport[] {
    const entry = this.entries.current(id)
    const address = entry?.find(addressText(multiaddr, id) ?? '')

    if (entry == null || address == null) {
      return []
    }

    if (hasConnected) {
      const wasInvalid = address.invalidSince != null
      address.failure = false

      for (const report of address.reports.filter(({ source }) => isHearsay(source, this.entries.trust))) {
        report.expires = Math.max(report.expires, this.entries.now + USED_TTL)
      }

      this.entries.changed(entry, wasInvalid)
    } else {
      address.failure ||= true
    }

    return address.reports
  }

  /** Records the sources that had reported an address before the dialer connected there */
  dialled (id: string, multiaddr: Multiaddr, sources: readonly string[]): void {
    const entry = this.entries.current(id)
    const report = entry?.find(addressText(multiaddr, id) ?? '')?.reports.find(({ source }) => source === SOURCE.dialled)

    if (entry != null && report?.addFrom(sources.filter(source => source !== SOURCE.dialled)) === true) {
      this.entries.changed(entry, false)
    }
  }

  /** Records that a connection to a peer has opened: pins cover all its addresses again */
  connected (id: string): void {
    const entry = this.entries.peers.get(id)

    if (entry != null) {
      this.entries.settle(entry)
    }
  }

  /**
   * Records that a connection to a peer has closed. If others are open, the report `dialled` of its address expires in one day
   *
   * @param before the addresses of all connections to the peer so far
   * @param closed the address of the closed connection
   */
  closed (id: string, before: readonly string[], closed: string): void {
    const entry = this.entries.peers.get(id)

    if (entry == null) {
      return
    }

    const { addresses } = entry
    const dialled = entry.find(closed)?.reports.find(({ source }) => source === SOURCE.dialled)

    if (before.length === 1) {
      capTtls(entry, before, closed, this.entries)
    } else if (dialled != null) {
      dialled.expires = Math.max(dialled.expires, this.entries.now + this.entries.ttlOf(SOURCE.dialled))
    }

    this.entries.settle(entry, entry.addresses !== addresses)
  }

  /**
   * Removes the reports of a source and reporter for all addresses that are not listed. An address that the peer itself no longer lists is outdated:
   * its report `dialled` is removed too, unless a connection uses the address. Returns whether a report was removed
   */
  #replace (entry: PeerEntry, texts: readonly string[], source: string, reporter?: string): boolean {
    const listed = new Set(texts)
    const used = this.entries.used(entry.id) ?? []
    const isSelf = isSelfReported(source) && (reporter == null || reporter === entry.id)
    const isSame = (report: StoredReport): boolean => report.source === source && report.reporter === reporter
    const isOutdated = (report: StoredReport, { reports: all }: AddressEntry): boolean => report.source === SOURCE.dialled && (all.some(isSame) || report.from?.includes(source) === true)

    return entry.removeReports((report, address) => !listed.has(address.text) &&
      (isSame(report) || (isSelf && !used.includes(address.text) && isOutdated(report, address)))) > 0
  }

  /** Removes reports of a peer. Returns their number */
  #remove (id: string, isMeant: (report: StoredReport, address: AddressEntry) => boolean): number {
    const entry = this.entries.current(id)
    const removed = entry?.removeReports(isMeant) ?? 0

    if (entry != null && removed > 0) {
      this.entries.settle(entry, true)
    }

    return removed
  }

  /** Adds a report to addresses. Returns the number of addresses that are kept, and whether a report is new */
  #addReports (entry: PeerEntry, texts: readonly string[], report: NewReport): { kept: number, isNews: boolean } {
    const context = { used: this.entries.used(entry.id), trust: this.entries.trust, hasEvicted: false }
    const isConfirmed = isFirstHand(report.source, context.trust)
    let isNews = false
    let kept = 0

    for (const [i, text] of texts.entries()) {
      // shortcut: most reports repeat the addresses in the same order
      const known = entry.addresses[i]?.text === text ? entry.addresses[i] : entry.find(text)
      const result = addReport(entry, known, text, report, context)
      isNews ||= result === 'added' || known?.invalidSince != null
      kept += Number(result !== 'refused')

      // an address that failed, or led to another peer, may work now
      if (isConfirmed && known != null) {
        known.failure = false
      }
    }

    // early addresses may have been evicted for later ones
    return { kept: context.hasEvicted ? texts.filter(text => reportIn(entry.find(text), report) != null).length : kept, isNews }
  }
}
