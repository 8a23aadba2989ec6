import { multiaddr } from '@multiformats/multiaddr'
import { until } from '../../helpers/until.ts'
import type { PlacedSources } from '../../../src/pipeline/trust.ts'
import type { Observer } from '../../../src/address-book/attribution/attribution-log.ts'
import type { SourceTags } from '../../../src/address-book/attribution/source-tags.ts'
import type { AddressReports, KnownAddress } from '../../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** An address book that records the reports it gets, as text */
export class Recording implements Observer {
  /** The reports in the order of the calls */
  readonly reports: Array<{ peer: string, address: string, source: string, reporter?: string }> = []
  readonly records: Uint8Array[] = []
  trust?: PlacedSources
  #sourceTags?: SourceTags
  readonly #names = new Map<string, string>()

  constructor (names: Record<string, PeerId> = {}) {
    this.name(names)
  }

  /** Sets the names of peers in the recorded reports */
  name (names: Record<string, PeerId>): void {
    Object.entries(names).forEach(([name, peer]) => { this.#names.set(peer.toString(), name) })
  }

  /** Resolves when a line has been recorded */
  async hears (line: string): Promise<void> {
    await until(() => this.lines, lines => lines.includes(line))
  }

  attribute (sourceTags: SourceTags): void {
    this.#sourceTags = sourceTags
  }

  observe (peer: PeerId, multiaddrs: readonly Multiaddr[], { source, reporter, replaces = false }: { source: string, reporter?: PeerId, replaces?: boolean }): number {
    if (replaces) {
      this.#keep(one => one.peer !== this.#name(peer) || one.source !== source || one.reporter !== (reporter && this.#name(reporter)))
    }

    for (const multiaddr of multiaddrs) {
      this.reports.push({ peer: this.#name(peer), address: multiaddr.toString(), source, ...reporter == null ? {} : { reporter: this.#name(reporter) } })
    }

    return multiaddrs.length
  }

  reportsOf (multiaddr: Multiaddr): AddressReports | undefined {
    const source = this.#sourceTags?.of(multiaddr)?.source

    return source == null ? undefined : { isCertified: false, provenance: [{ source }] }
  }

  recordDialled (peer: PeerId, multiaddrs: readonly Multiaddr[]): number {
    return this.observe(peer, multiaddrs, { source: 'dialled' })
  }

  async recordWritten (envelope: Uint8Array): Promise<any> {
    this.records.push(envelope)
  }

  forget (peer: PeerId, { except = [] }: { except?: readonly Multiaddr[] }): void {
    this.#keep(one => one.peer !== this.#name(peer) || except.some(multiaddr => multiaddr.toString() === one.address))
  }

  query (peer: PeerId): KnownAddress[] {
    return this.reports.filter(one => one.peer === this.#name(peer)).map(({ address, source }) => ({ multiaddr: multiaddr(address), isCertified: false, provenance: [{ source }] }))
  }

  /** The reports as `address source [by reporter]`, without duplicates */
  get lines (): string[] {
    return lines(this.reports)
  }

  of (name: string): string[] {
    return lines(this.reports.filter(({ peer }) => peer === name))
  }

  #keep (isKept: (one: Recording['reports'][number]) => boolean): void {
    this.reports.splice(0, Infinity, ...this.reports.filter(isKept))
  }

  #name (peer: PeerId): string {
    return this.#names.get(peer.toString()) ?? peer.toString()
  }
}

function lines (reports: Recording['reports']): string[] {
  return [...new Set(reports.map(({ address, source, reporter }) => `${address} ${source}${reporter == null ? '' : ` by ${reporter}`}`))]
}
