import type { Attestation } from '../pipeline/types.ts'

/** 2025-01-01 in seconds: seconds since then fit into 31 bits until 2093, which V8 keeps without a box of their own */
export const EPOCH = 1_735_689_600

/** Stands for Infinity, which would need such a box in every attestation */
export const NEVER = 0x7fff_ffff

/** Sources that are kept of those for which an address was dialled */
const MAX_FROM = 16

/** Few have any: a field would make each report larger */
const origins = new WeakMap<Evidence, readonly string[]>()

export interface EvidenceInit {
  readonly source: string
  /** The sources that named an address when it was dialled */
  readonly from?: readonly string[]
  readonly reporter?: string
  readonly seq?: bigint
  readonly count?: number
  /** In milliseconds */
  readonly firstSeen: number
  readonly lastSeen: number
  readonly expires: number
}

/** One reason to believe an address. There are many: times are kept in whole seconds, and expire at the end of one */
export class Evidence {
  readonly source: string
  readonly reporter: string | undefined
  seq: bigint | undefined
  count: number
  /** The address was dialled since, and has answered: for the statistics */
  wasDialled?: boolean = undefined
  hasAnswered?: boolean = undefined
  readonly #firstSeen: number
  #lastSeen: number
  #expires: number

  constructor ({ source, from, reporter, seq, count = 1, firstSeen, lastSeen, expires }: EvidenceInit) {
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

  /** The sources that named the address when it was dialled; undefined: nobody knows, or it was not */
  get from (): readonly string[] | undefined {
    return origins.get(this)
  }

  /** Adds sources to those for which the address was dialled. Returns whether that says more than before */
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

  /** It was said again: it never counts shorter for that */
  refresh (now: number, expires: number, seq?: bigint): void {
    this.count++
    this.#lastSeen = Math.floor(now / 1_000) - EPOCH
    this.#expires = Math.max(this.#expires, endOf(expires))
    this.seq = seq ?? this.seq
  }

  /** What others may see of it, and keep */
  toAttestation (expires: number = this.expires): Attestation {
    const { source, from, reporter, seq, count, firstSeen, lastSeen } = this

    return Object.freeze({ source, reporter, seq, count, firstSeen, lastSeen, expires, ...from == null ? {} : { from } })
  }
}

function endOf (ms: number): number {
  return Math.min(NEVER, Math.ceil(ms / 1_000) - EPOCH)
}
