import { InvalidParametersError, isPeerId } from '@libp2p/interface'
import { isMultiaddr } from '@multiformats/multiaddr'
import { checkValue } from '../pipeline/check-options.ts'
import { datesOf } from '../pipeline/date-clock.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { POSITIVE_MILLISECONDS } from '../pipeline/option-kinds.ts'
import { describeBan, firstToEnd, MAX_BANS, postponed } from './ban.ts'
import { keysOf, peerKey } from './keys.ts'
import { parseBanTarget, whyUnmatchable } from './target.ts'
import type { Ban } from './ban.ts'
import type { BanSubject, BanTarget, ParsedBanTarget, Prefix } from './target.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { DateClock } from '../pipeline/date-clock.ts'
import type { DialBans } from '../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The peers, addresses and networks that a node does not connect to, each for a time */
export class Bans implements DialBans {
  readonly #dates: DateClock
  /** The sum of the jumps of the date, in milliseconds, by which the ends of the bans have been postponed */
  #ahead: number
  readonly #max: number
  readonly #bans = new Map<string, Ban>()
  /** The prefix lengths that were ever banned */
  readonly #prefixes = new Map<string, Prefix>()
  /** The length of the longest key of a banned address so far, in characters. -Infinity: no address was banned */
  #longest = -Infinity
  /** The last address asked for, with the keys under which it may be banned. Undefined after a new ban */
  #last?: { readonly multiaddr: Multiaddr, readonly keys: readonly string[] }

  /** Called before an act with its name as users say it. Throws if the act would have no effect */
  check?: (act: string) => void
  /** Called with the key of each ban that has changed */
  onChange?: (key: string) => void
  /** Called with each key that is removed, banned or not */
  onRemove?: (key: string) => void
  /** Called with each ban that is evicted because there are too many */
  onEvict?: (ban: Ban) => void
  /** For bans in a datastore: whether they have been read */
  source?: { readonly isLoaded: boolean }

  constructor (clock: Clock, max: number = MAX_BANS) {
    this.#dates = datesOf(clock)
    this.#ahead = this.#dates.ahead
    this.#max = max
  }

  /** Whether the stored bans have been read. Dials wait until then, unless the bans are not `required` */
  get isLoaded (): boolean {
    return this.source?.isLoaded ?? true
  }

  /**
   * Returns the date. When it has jumped, the ends of all bans move along: a node that starts before its system time is set would ban for no time
   */
  now (): number {
    const now = this.#dates.now()
    const jump = this.#dates.ahead - this.#ahead

    if (jump > 0) {
      this.#ahead += jump

      for (const [key, ban] of this.#bans) {
        this.#bans.set(key, postponed(ban, jump))
        this.onChange?.(key)
      }
    }

    return now
  }

  /**
   * Bans a target for `ms` milliseconds from now, with `Infinity` until the ban is removed. An existing ban never becomes shorter. Beyond 10,000 bans,
   * the one that ends first is evicted, but never the new one. Bans without an end are evicted last, oldest first
   *
   * @throws InvalidParametersError for a target that cannot be banned or that no address can match, for a wrong `ms`, and after `detach()`
   */
  add (target: BanTarget, ms: number): Ban {
    this.check?.('ban')
    checkValue('bans.add()', ms, POSITIVE_MILLISECONDS, InvalidParametersError, 'ms')
    const parsed = parseBanTarget(target)
    const unmatchable = whyUnmatchable(target, parsed)

    if (unmatchable != null) {
      throw new InvalidParametersError(`Cannot ban ${describeValue(target)}: ${unmatchable}`)
    }

    const now = this.now()
    const ban = this.#set(parsed, { target, since: now, until: now + ms })
    this.#makeRoom(parsed.key)

    return ban
  }

  /**
   * Adds a ban that was made earlier. Beyond 10,000 bans, the one that ends first is evicted, which may be this one
   *
   * @throws InvalidParametersError for a target that cannot be banned
   */
  restore (given: Ban): Ban {
    const ban = this.#set(parseBanTarget(given.target), given)
    this.#makeRoom()

    return ban
  }

  #set ({ target, key, prefix }: ParsedBanTarget, given: Ban): Ban {
    const known = this.#current(key)
    this.#last = undefined

    if (prefix != null) {
      this.#prefixes.set(`${prefix.mask.length} ${prefix.length}`, prefix)
    }

    if (known != null && known.until >= given.until) {
      return known
    }

    // only the keys of addresses count: keysOf() finds peers independent of the length
    if (isMultiaddr(target)) {
      this.#longest = Math.max(this.#longest, key.length)
    }

    const ban = Object.freeze({ target: known?.target ?? target, since: Math.min(known?.since ?? Infinity, given.since), until: given.until })
    this.#bans.set(key, ban)
    this.onChange?.(key)

    return ban
  }

  /**
   * Removes a ban
   *
   * @returns whether there was one
   * @throws InvalidParametersError for a target that cannot be banned, and after `detach()`
   */
  remove (target: BanTarget): boolean {
    this.check?.('remove a ban')
    const { key } = parseBanTarget(target, 'remove the ban of')
    const isBanned = this.#current(key) != null
    this.onRemove?.(key)
    this.#delete(key)

    return isBanned
  }

  /** Returns the bans that have not ended */
  list (): Ban[] {
    return Array.from(this.entries(), ([, ban]) => ban)
  }

  /** Iterates over the bans that have not ended, with their keys */
  * entries (): Generator<[string, Ban]> {
    for (const key of [...this.#bans.keys()]) {
      const ban = this.#current(key)

      if (ban != null) {
        yield [key, ban]
      }
    }
  }

  /**
   * Returns why a peer or address is banned, and until when, in words. Undefined: no ban
   *
   * @throws InvalidParametersError for anything else, such as text
   */
  reasonFor (subject: BanSubject): string | undefined {
    const checked = subjectOf(subject, 'reasonFor')
    // most nodes have no ban, and each dial asks
    const [first] = this.#bans.size === 0 ? [] : this.#matching(checked)

    return first == null ? undefined : describeBan(first[1])
  }

  /**
   * Iterates over the bans of a peer or an address, with their keys
   *
   * @throws InvalidParametersError for anything else, such as text
   */
  matches (subject: BanSubject): Generator<[string, Ban]> {
    return this.#matching(subjectOf(subject, 'matches'))
  }

  * #matching (subject: PeerId | Multiaddr): Generator<[string, Ban]> {
    for (const key of isPeerId(subject) ? [peerKey(subject.toString())] : this.#keysOf(subject)) {
      const ban = this.#current(key)

      if (ban != null) {
        yield [key, ban]
      }
    }
  }

  /** The keys are cached, because one dial asks for an address repeatedly */
  #keysOf (multiaddr: Multiaddr): readonly string[] {
    if (this.#last?.multiaddr !== multiaddr) {
      this.#last = { multiaddr, keys: [...keysOf(multiaddr, this.#prefixes.values(), this.#longest)] }
    }

    return this.#last.keys
  }

  #current (key: string): Ban | undefined {
    // the date is read before the ban: a jump of the date moves the ban
    const now = this.#bans.has(key) ? this.now() : 0
    const ban = this.#bans.get(key)

    if (ban == null || ban.until > now) {
      return ban
    }

    this.#delete(key)
  }

  #delete (key: string): void {
    if (this.#bans.delete(key)) {
      this.onChange?.(key)
    }
  }

  /** Evicts the ban that ends first */
  #makeRoom (newKey?: string): void {
    if (this.#bans.size <= this.#max) {
      return
    }

    const first = firstToEnd(this.#bans, newKey)

    // a ban that has ended is removed, and not reported as evicted
    if (first != null && this.#current(first[0]) != null) {
      this.#delete(first[0])
      this.onEvict?.(first[1])
    }
  }
}

/** @throws InvalidParametersError for a subject that is neither a peer nor an address */
function subjectOf (subject: BanSubject, method: string): PeerId | Multiaddr {
  const found = isPeerId(subject) || isMultiaddr(subject) ? subject : subject?.multiaddr

  if (!isPeerId(found) && !isMultiaddr(found)) {
    throw new InvalidParametersError(`bans.${method}() needs a peer id, a multiaddr or a candidate, not ${describeValue(subject)}`)
  }

  return found
}
