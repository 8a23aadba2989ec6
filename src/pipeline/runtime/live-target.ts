import { multiaddr as toMultiaddr } from '@multiformats/multiaddr'
import { nextTurn } from '../clock.ts'
import { candidate, merge } from '../candidate.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { AddressReport, Target } from '../flow.ts'
import type { Clock } from '../clock.ts'
import type { CandidateInit } from '../candidate.ts'
import type { Candidate, DialAddressBook } from '../types.ts'

/** The current target of a running dial, with counters of news that may concern every stage */
export class LiveTarget {
  /** Increases with each new address of a caller, and with each failed attempt */
  version = 0
  /** Increases with `version`, and with each address that a stage finds */
  knowledge = 0
  /** Wakes the waiting race. At most one race of a dial waits */
  readonly wake = new Wake()
  #current: Target
  readonly #known = new Map<string, Multiaddr>()

  constructor (peerId: PeerId | undefined, multiaddrs: readonly Multiaddr[]) {
    this.#addAll(multiaddrs)
    this.#current = this.#frozen(peerId)
  }

  get current (): Target {
    return this.#current
  }

  /**
   * Adds the addresses of a joining caller. Returns whether there is news: an address, or a source of one
   *
   * @param isFirst whether the caller is news already, as the first that named only the peer
   */
  add (multiaddrs: readonly Multiaddr[], isFirst = false): boolean {
    const isNews = this.#addAll(multiaddrs) || isFirst

    if (isNews) {
      this.#current = this.#frozen(this.#current.peerId)
      this.invalidate()
    }

    return isNews
  }

  /** Has every stage asked again */
  invalidate (): void {
    this.version++
    this.knowledge++
    this.wake.notify()
  }

  #frozen (peerId: PeerId | undefined): Target {
    return Object.freeze({ peerId, multiaddrs: Object.freeze([...this.#known.values()]) })
  }

  #addAll (multiaddrs: readonly Multiaddr[]): boolean {
    return multiaddrs.map(one => addAddress(this.#known, one)).includes(true)
  }
}

/** The event loop gets a turn after this many waits: if every awaited promise is settled already, no other code would run */
const PER_TURN = 64

/** The part of a dial that waits */
interface Sleeper {
  readonly clock: Clock
  /** @throws the reason for which the part has ended */
  throwIfEnded (): void
  onEnd (fn: () => void): () => void
}

/** Lets the race of a dial wait for news. A notification before the wait counts */
export class Wake {
  #isNotified = false
  #count = 0
  #resume?: () => void

  notify (): void {
    this.#isNotified = true
    this.#resume?.()
  }

  /**
   * Resolves at the next notification, or at a time
   *
   * @param until on the dial's clock. Infinity: only a notification wakes
   * @throws the reason for which the part has ended, if it ends first
   */
  async wait (part: Sleeper, until: number): Promise<void> {
    part.throwIfEnded()

    if (++this.#count % PER_TURN === 0) {
      await this.#sleep(part, nextTurn)
    }

    if (!this.#isNotified) {
      await this.#sleep(part, done => {
        this.#resume = done

        return until === Infinity ? undefined : part.clock.setTimeout(done, Math.max(0, until - part.clock.now()))
      })
    }

    this.#isNotified = false
  }

  /** @param begin arranges a call of `done`, and returns a function that cancels it */
  async #sleep (part: Sleeper, begin: (done: () => void) => (() => void) | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = part.onEnd(resolve)
    const cancel = begin(resolve)
    await promise
    stop()
    cancel?.()
    this.#resume = undefined
    part.throwIfEnded()
  }
}

/** The sources of an address that was passed to a dial, if another source than the caller reported it */
export interface AddressMark extends CandidateInit {
  /** The dial added the address itself: the relay's, inside a circuit address. Sources with `when: 'empty'` begin all the same */
  readonly isImplied?: boolean
  /** The address is part of the one that the attempt dials, such as the relay's inside a circuit address. Its sources are the same */
  readonly isVouched?: boolean
}

/** The reports of an address without a mark: the caller of the dial named it */
export const USERS: readonly AddressReport[] = Object.freeze([Object.freeze({ source: 'user' })])

const marks = new WeakMap<Multiaddr, AddressMark>()
const implied = new WeakSet<Candidate>()

export function markAddress (multiaddr: Multiaddr, mark: AddressMark): Multiaddr {
  marks.set(multiaddr, mark)

  return multiaddr
}

export function markOf (multiaddr: Multiaddr): AddressMark | undefined {
  return marks.get(multiaddr)
}

/**
 * Adds an address to those that the callers of a dial passed, deduplicated by text. When two callers passed the same address, its mark
 * has the sources of both
 *
 * @returns whether the address or one of its sources is new
 */
export function addAddress (known: Map<string, Multiaddr>, multiaddr: Multiaddr): boolean {
  const text = multiaddr.toString()
  const before = known.get(text)

  if (before == null) {
    known.set(text, multiaddr)

    return true
  }

  if (markOf(before) === markOf(multiaddr)) {
    return false
  }

  const [mark, other] = [fullMarkOf(before), fullMarkOf(multiaddr)]
  const both = merge(mark, other)
  const isImplied = mark.isImplied && other.isImplied
  const isVouched = mark.isVouched && other.isVouched

  if (both === mark && isImplied === mark.isImplied && isVouched === mark.isVouched) {
    return false
  }

  // the address is copied, because the object may be the caller's
  known.set(text, markAddress(toMultiaddr(before.bytes), { ...both, isImplied, isVouched }))

  return true
}

function fullMarkOf (multiaddr: Multiaddr): Required<AddressMark> {
  return { isCertified: false, provenance: USERS, isImplied: false, isVouched: false, ...markOf(multiaddr) }
}

/**
 * Makes a candidate of an address, with the reports of its mark, or of an address book that has handed out the same object. Default: one report
 * of `source`
 */
export function markedCandidate (multiaddr: Multiaddr, peerId: PeerId | undefined, addressBook: DialAddressBook | undefined, source: string): Candidate {
  const reports: AddressMark | undefined = markOf(multiaddr) ?? addressBook?.reportsOf?.(multiaddr, peerId?.toString())
  const made = candidate(multiaddr, peerId, reports ?? { provenance: [{ source }] })

  if (reports?.isImplied === true) {
    implied.add(made)
  }

  return made
}

/** Returns whether the dial added the address itself: see `AddressMark` */
export function isImplied (candidate: Candidate): boolean {
  return implied.has(candidate)
}

/**
 * The hidden option that names the source of the addresses which a service dials for a remote peer. A registered symbol, because a node may
 * have two copies of this package: the other copy would take the dials of the service for the user's
 */
const DIAL_SOURCE = Symbol.for('libp2p-dial-pipeline.dial-source')

/** Returns a copy of the options with the source of the addresses that are dialled. The option `source` of a caller stays as it is */
export function withDialSource<T extends object> (options: T, source: string): T {
  return { ...options, [DIAL_SOURCE]: source }
}

/** Returns the source that a service names in its options. The value is unchecked: any caller can use the symbol */
export function dialSourceIn (options: object): unknown {
  return Reflect.get(options, DIAL_SOURCE)
}
