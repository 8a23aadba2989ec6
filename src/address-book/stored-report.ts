import { SOURCE } from '../pipeline/sources.ts'
import type { AddressReport } from '../pipeline/types.ts'

/** 2025-01-01 in seconds. Seconds since then fit into 31 bits until 2093, which V8 stores without a heap object */
const EPOCH = 1_735_689_600

/** Represents Infinity, which would need a heap object in every report */
export const NEVER = 0x7fff_ffff

/** The maximum number of sources in `from`: those that named the address before it was dialled */
const MAX_FROM = 16

/** The values of `from`. Few reports have one, and a field would enlarge every report */
const origins = new WeakMap<StoredReport, readonly string[]>()

type StoredReportInit = Pick<StoredReport, 'source' | 'firstSeen' | 'lastSeen' | 'expires'> & Partial<Pick<StoredReport, 'from' | 'reporter' | 'seq' | 'count'>>

/** A report of an address by a source, as the book keeps it. Times are in milliseconds since the epoch, and kept in whole seconds to save memory, rounded up for the expiry */
export class StoredReport {
  readonly source: string
  readonly reporter: string | undefined
  seq: bigint | undefined
  count: number
  readonly #firstSeen: number
  #lastSeen: number
  #expires: number

  constructor ({ source, from, reporter, seq, count = 1, firstSeen, lastSeen, expires }: StoredReportInit) {
    this.source = source
    this.reporter = reporter
    this.seq = seq
    this.count = count
    this.#firstSeen = Math.floor(firstSeen / 1_000) - EPOCH
    this.#lastSeen = Math.floor(lastSeen / 1_000) - EPOCH
    this.#expires = endOf(expires)

    if (from != null) {
      this.addFrom(from)
    }
  }

  /** For `dialled`: the sources that had reported the address when it was dialled. Undefined: unknown */
  get from (): readonly string[] | undefined {
    return origins.get(this)
  }

  /** Adds sources to `from`. Returns whether one is new */
  addFrom (sources: readonly string[]): boolean {
    const { from = [] } = this
    const all = [...new Set([...from, ...sources])].slice(0, MAX_FROM)

    if (all.length > from.length) {
      origins.set(this, Object.freeze(all))
    }

    return all.length > from.length
  }

  get firstSeen (): number {
    return (this.#firstSeen + EPOCH) * 1_000
  }

  get lastSeen (): number {
    return (this.#lastSeen + EPOCH) * 1_000
  }

  get expires (): number {
    return this.#expires === NEVER ? Infinity : (this.#expires + EPOCH) * 1_000
  }

  set expires (at: number) {
    this.#expires = endOf(at)
  }

  /** Records that the source repeated the report. A repetition never shortens the TTL */
  refresh (now: number, expires: number, seq: bigint | undefined): void {
    this.count++
    this.#lastSeen = Math.floor(now / 1_000) - EPOCH
    this.#expires = Math.max(this.#expires, endOf(expires))
    this.seq = seq
  }

  /** Returns the report in its public form, frozen */
  toReport (expires: number = this.expires): AddressReport {
    const { source, reporter, seq, count, firstSeen, lastSeen } = this
    const from = source === SOURCE.dialled ? this.from : undefined
    const report = { source, reporter, seq, count, firstSeen, lastSeen, expires }

    return Object.freeze(from == null ? report : { ...report, from })
  }
}

function endOf (ms: number): number {
  return Math.min(NEVER, Math.ceil(ms / 1_000) - EPOCH)
}
