import { isSelfReported, SOURCE } from '../pipeline/sources.ts'
import { EPOCH, NEVER } from './evidence.ts'
import { MAX_ADDRESSES } from './limits.ts'
import type { Evidence } from './evidence.ts'
import type { Hold } from './pins/hold.ts'
import type { KnownRecord } from '../records/types.ts'

/** Shared by all that have none. What is in an entry is replaced, never changed: who reads it can go on doing so */
const NONE: readonly never[] = []

/** An address of a peer, and who stands for it */
export class AddressEntry {
  /** The multiaddr without the peer's own /p2p suffix */
  readonly text: string
  evidence: readonly Evidence[] = NONE

  constructor (text: string) {
    this.text = text
  }
}

/** Addresses of which the last attempt failed: in a set of their own, because there are few */
export const failedAddresses = new WeakSet<AddressEntry>()

/** What is known of the addresses of one peer */
export class PeerEntry {
  /** The peer id as a string */
  readonly id: string
  addresses: readonly AddressEntry[] = NONE
  /** Pins */
  holds: readonly Hold[] = NONE
  record?: KnownRecord = undefined
  /** Why it is known, one of `LEVEL`: only written by `Peers`. `NEVER`: it is in none */
  level: number = NEVER
  /** Where it is known by hearsay alone: the peer that was the first to report it */
  reporter?: string = undefined

  /** In whole seconds, which need no box of their own */
  #earliest = NEVER

  constructor (id: string) {
    this.id = id
  }

  /** Nothing ends before, in milliseconds since the epoch */
  get earliest (): number {
    return this.#earliest === NEVER ? Infinity : (this.#earliest + EPOCH) * 1_000
  }

  set earliest (at: number) {
    this.#earliest = Math.min(NEVER, Math.floor(at / 1_000) - EPOCH)
  }

  /** Has the next `prune()` look at all of it */
  recheck (): void {
    this.#earliest = -EPOCH
  }

  get isEmpty (): boolean {
    return this.addresses.length === 0 && this.holds.length === 0 && this.record == null
  }

  find (text: string): AddressEntry | undefined {
    return this.addresses.find(address => address.text === text)
  }

  /** An address of that name: a new one nobody stands for yet */
  add (text: string): AddressEntry {
    const address = new AddressEntry(text)
    // exactly as long as it has to be, unlike an array that grew
    this.addresses = this.addresses.concat([address])

    return address
  }

  remove (address: AddressEntry): void {
    this.addresses = this.addresses.filter(other => other !== address)
    // a record that it was the last of is found to be gone when this is looked at
    this.recheck()
  }

  /** Takes in what is known of the same peer from elsewhere, where it has room for that */
  absorb ({ addresses, holds, record }: PeerEntry): void {
    for (const { text, evidence } of addresses) {
      const address = this.find(text) ?? (this.addresses.length < MAX_ADDRESSES ? this.add(text) : undefined)

      if (address != null) {
        address.evidence = address.evidence.concat(evidence.filter(({ source, reporter }) => !address.evidence.some(own => own.source === source && own.reporter === reporter)))
      }
    }

    this.record ??= record
    this.holds = this.holds.concat(holds)
  }

  /** Removes reports, and leaves it to `prune()` to remove addresses that nothing is left of. Returns how many */
  withdraw (isMeant: (evidence: Evidence, address: AddressEntry) => boolean): number {
    let removed = 0

    for (const address of this.addresses) {
      const rest = address.evidence.filter(evidence => !isMeant(evidence, address))

      if (rest.length < address.evidence.length) {
        removed += address.evidence.length - rest.length
        address.evidence = rest
        this.recheck()
      }
    }

    return removed
  }

  /** Removes a record that is older than a sequence number, and what it certifies. Returns whether it is */
  dropRecord (minSeq: bigint): boolean {
    if (this.record == null || this.record.seq >= minSeq) {
      return false
    }

    this.record = undefined
    this.withdraw(({ source }) => source === SOURCE.certified)

    return true
  }

  /** Until when an address is kept whatever becomes of its evidence: it is pinned, or a connection uses it */
  heldUntil (text: string, used: readonly string[] | undefined, now: number): number {
    return used?.includes(text) === true
      ? Infinity
      : this.holds.reduce((until, hold) => hold.covers(text, now) ? Math.max(until, hold.expires) : until, -Infinity)
  }

  /**
   * Removes what has expired: reports, addresses without any, pins, and a record without an address.
   *
   * @param used the addresses of the open connections to the peer; undefined: there are none
   * @returns whether addresses or their evidence have changed
   */
  prune (now: number, used: readonly string[] | undefined): boolean {
    if (this.earliest > now) {
      return false
    }

    let hasChanged = false
    let earliest = Infinity
    let isCertified = false

    for (const hold of this.holds) {
      if (hold.expires <= now) {
        this.release(hold)
        hold.end('expired')
      } else {
        earliest = Math.min(earliest, hold.expires)
      }
    }

    const live = this.addresses.filter(address => {
      const held = this.heldUntil(address.text, used, now)
      const isKept = (evidence: Evidence): boolean => Math.max(held, untilOf(evidence, used)) > now

      if (!address.evidence.every(isKept)) {
        address.evidence = address.evidence.filter(isKept)
        hasChanged = true
      }

      for (const evidence of address.evidence) {
        earliest = Math.min(earliest, Math.max(held, untilOf(evidence, used)))
        isCertified ||= evidence.source === SOURCE.certified
      }

      return held > now || address.evidence.length > 0
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

  release (hold: Hold): void {
    this.holds = this.holds.filter(other => other !== hold)
  }
}

/** Until when evidence counts: what a peer says of itself at least as long as it is connected */
export function untilOf ({ source, expires }: Evidence, used: readonly string[] | undefined): number {
  return used != null && isSelfReported(source) ? Infinity : expires
}
