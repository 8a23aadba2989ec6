import { WRONG_PEER_TIME } from '../pipeline/dial-components.ts'
import { isSelfReported, SOURCE } from '../pipeline/sources.ts'
import { isConfigured } from '../pipeline/trust.ts'
import { NEVER } from './stored-report.ts'
import { MAX_ADDRESSES } from './limits.ts'
import type { StoredReport } from './stored-report.ts'
import type { PinEntry } from './pins/pin-entry.ts'
import type { KnownRecord } from '../records/types.ts'
import type { PlacedSources } from '../pipeline/trust.ts'

/** The empty array of all entries. The arrays of an entry are replaced, never changed: code that iterates over one can go on */
const NONE: readonly never[] = []

/** An address of a peer, with its reports */
export class AddressEntry {
  /** The text of the multiaddr, without the peer's own /p2p suffix */
  readonly text: string
  reports: readonly StoredReport[] = NONE
  /** Whether the last attempt of the address failed, with no first-hand report since. A number: another peer answered then, in milliseconds since the epoch */
  failure: boolean | number = false
  /** Whether the address is local, or one that no peer can have. Undefined: not computed yet */
  isUnlikely?: boolean = undefined

  constructor (text: string) {
    this.text = text
  }

  /** When another peer answered at the address. Undefined: not within the last hour, or the address was confirmed since */
  get invalidSince (): number | undefined {
    return typeof this.failure === 'number' ? this.failure : undefined
  }

  /** Returns the reports that are valid: of an address at which another peer has answered, the configured and the newer ones. Undefined: none of them */
  validReports (trust?: PlacedSources): readonly StoredReport[] | undefined {
    const { invalidSince, reports } = this

    if (invalidSince == null) {
      return reports
    }

    const valid = reports.filter(({ source, lastSeen }) => lastSeen > invalidSince || isConfigured(source, trust))

    return valid.length > 0 ? valid : undefined
  }
}

/** The addresses, pins and record of one peer */
export class PeerEntry {
  /** The peer id as a string */
  readonly id: string
  addresses: readonly AddressEntry[] = NONE
  pins: readonly PinEntry[] = NONE
  record?: KnownRecord = undefined
  /** The peer's level, one of `LEVEL`. Only `Peers` writes it. `NEVER`: the entry is not in the book */
  level: number = NEVER
  /** The neighbours in the order of the level. Only `Peers` writes them */
  older?: PeerEntry = undefined
  newer?: PeerEntry = undefined
  /** For a peer known by hearsay alone: the first peer that reported it */
  reporter?: string = undefined

  /** The earliest expiry in the entry, in milliseconds since the epoch */
  earliest = Infinity

  constructor (id: string) {
    this.id = id
  }

  /** Makes the next `prune()` check the whole entry */
  recheck (): void {
    this.earliest = 0
  }

  get isEmpty (): boolean {
    return this.addresses.length === 0 && this.pins.length === 0 && this.record == null
  }

  find (text: string): AddressEntry | undefined {
    return this.addresses.find(address => address.text === text)
  }

  /** Adds an address, still without reports */
  add (text: string): AddressEntry {
    const address = new AddressEntry(text)
    // concat() allocates the exact length, unlike push()
    this.addresses = this.addresses.concat([address])

    return address
  }

  remove (address: AddressEntry): void {
    this.addresses = this.addresses.filter(other => other !== address)
    // the next prune() removes a record without addresses
    this.recheck()
  }

  /** Adds the contents of another entry of the same peer, as far as there is room */
  absorb ({ addresses, pins, record }: PeerEntry): void {
    for (const { text, reports, invalidSince } of addresses) {
      const address = this.find(text) ?? (this.addresses.length < MAX_ADDRESSES ? this.add(text) : undefined)

      if (address != null) {
        address.failure = address.invalidSince ?? invalidSince ?? address.failure
        address.reports = address.reports.concat(reports.filter(({ source, reporter }) => !address.reports.some(own => own.source === source && own.reporter === reporter)))
      }
    }

    this.record ??= record
    this.pins = this.pins.concat(pins)
  }

  /** Removes reports, and returns their number. `prune()` later removes addresses without reports */
  removeReports (isMeant: (report: StoredReport, address: AddressEntry) => boolean): number {
    let removed = 0

    for (const address of this.addresses) {
      const rest = address.reports.filter(report => !isMeant(report, address))

      if (rest.length < address.reports.length) {
        removed += address.reports.length - rest.length
        address.reports = rest
        this.recheck()
      }
    }

    return removed
  }

  /** Removes a record older than a sequence number, with its reports. Returns whether the record was older */
  dropRecord (minSeq: bigint): boolean {
    if (this.record == null || this.record.seq >= minSeq) {
      return false
    }

    this.record = undefined
    this.removeReports(({ source }) => source === SOURCE.certified)

    return true
  }

  /** Returns until when an address is kept independent of its reports: because it is pinned, or used by a connection */
  keptUntil (text: string, used: readonly string[] | undefined): number {
    return used?.includes(text) === true
      ? Infinity
      : this.pins.reduce((until, pin) => pin.covers(text) ? Math.max(until, pin.expires) : until, -Infinity)
  }

  /**
   * Removes what has expired: reports, addresses without reports, pins, and a record without addresses.
   *
   * @param used the addresses of the open connections to the peer. Undefined: there are none
   * @returns whether addresses or reports have changed
   */
  prune (now: number, used: readonly string[] | undefined): boolean {
    if (this.earliest > now) {
      return false
    }

    let hasChanged = false
    let earliest = Infinity
    let isCertified = false

    for (const pin of this.pins) {
      if (pin.expires <= now) {
        this.release(pin)
        pin.end('released')
      } else {
        earliest = Math.min(earliest, pin.expires)
      }
    }

    const live = this.addresses.filter(address => {
      const kept = this.keptUntil(address.text, used)
      const isKept = (report: StoredReport): boolean => Math.max(kept, expiryOf(report, used)) > now

      if (!address.reports.every(isKept)) {
        address.reports = address.reports.filter(isKept)
        hasChanged = true
      }

      for (const report of address.reports) {
        earliest = Math.min(earliest, Math.max(kept, expiryOf(report, used)))
        isCertified ||= report.source === SOURCE.certified
      }

      if (address.invalidSince != null && address.invalidSince + WRONG_PEER_TIME <= now) {
        address.failure = true
        hasChanged = true
      }

      earliest = Math.min(earliest, (address.invalidSince ?? Infinity) + WRONG_PEER_TIME)

      return kept > now || address.reports.length > 0
    })

    if (live.length < this.addresses.length) {
      this.addresses = live
      hasChanged = true
    }

    if (!isCertified) {
      this.record = undefined
    }

    this.earliest = earliest

    return hasChanged
  }

  release (pin: PinEntry): void {
    this.pins = this.pins.filter(other => other !== pin)
  }
}

/** Returns when a report expires. A report of the peer itself lasts at least as long as the peer is connected */
export function expiryOf ({ source, expires }: StoredReport, used: readonly string[] | undefined): number {
  return used != null && isSelfReported(source) ? Infinity : expires
}
