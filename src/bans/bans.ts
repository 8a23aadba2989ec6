import { InvalidParametersError, isPeerId } from '@libp2p/interface'
import { isMultiaddr } from '@multiformats/multiaddr'
import { checkValue } from '../pipeline/check-options.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { POSITIVE_MILLISECONDS } from '../pipeline/option-kinds.ts'
import { keysOf, peerKey } from './keys.ts'
import { parseBanTarget, toText } from './target.ts'
import { whyUnmatchable } from './unmatchable.ts'
import type { BanTarget, ParsedBanTarget, Prefix } from './target.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Candidate, DialBans } from '../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** As many as a node keeps peers */
const MAX_BANS = 10_000

/** The last moment that a Date can say */
const END_OF_TIME = 8.64e15

/** Times are in milliseconds since the epoch */
export interface Ban {
  readonly target: BanTarget
  readonly since: number
  /** `Infinity`: until it is lifted */
  readonly until: number
}

/** Whom a node does not want to have to do with, for a time */
export class Bans implements DialBans {
  readonly #clock: Clock
  readonly #max: number
  readonly #bans = new Map<string, Ban>()
  /** The lengths of all prefixes that were ever banned */
  readonly #prefixes = new Map<string, Prefix>()
  /** Characters of the longest key of an address that was ever banned. -Infinity: none was */
  #longest = -Infinity
  /** The address that was asked for last, and the keys under which it may be banned. Undefined: there is another ban since */
  #last?: { readonly multiaddr: Multiaddr, readonly keys: readonly string[] }

  /** Called with what is about to be done, as users say it. Throws where that would be without effect */
  check?: (act: string) => void
  /** Called with the key of what has changed */
  onChange?: (key: string) => void
  /** Called with the key of what is lifted, banned or not */
  onLift?: (key: string) => void
  /** Called with a ban that is evicted before its end, because there are too many */
  onEvict?: (ban: Ban) => void
  /** Where bans are kept in a datastore: whether they have been read */
  source?: { readonly isLoaded: boolean }

  constructor (clock: Clock, max: number = MAX_BANS) {
    this.#clock = clock
    this.#max = max
  }

  /** False while bans that the datastore keeps have not been read. Dials wait for them, unless they are not `required` */
  get isLoaded (): boolean {
    return this.source?.isLoaded ?? true
  }

  /**
   * Bans for `ms` milliseconds from now; `Infinity`: until it is lifted. A ban that is there already never becomes shorter.
   * Beyond 10,000 bans, the one that ends first is evicted, never the new one. Those without an end are evicted last, the oldest first
   *
   * @throws InvalidParametersError for what cannot be banned or that no address can match, for what is no time, and after `detach()`
   */
  add (target: BanTarget, ms: number): Ban {
    this.check?.('ban')
    checkValue('bans.add()', ms, POSITIVE_MILLISECONDS, InvalidParametersError, 'ms')
    const parsed = parseBanTarget(target)
    const unmatchable = whyUnmatchable(target, parsed)

    if (unmatchable != null) {
      throw new InvalidParametersError(`Cannot ban ${describeValue(target)}: ${unmatchable}`)
    }

    const now = this.#clock.now()
    const ban = this.#set(parsed, { target, since: now, until: now + ms })
    this.#makeRoom(parsed.key)

    return ban
  }

  /**
   * Adds a ban of an earlier time. Beyond 10,000 bans, the one that ends first is evicted, which may be this one
   *
   * @throws InvalidParametersError for what cannot be banned
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

    // peers are found without the beginnings of an address
    if (isMultiaddr(target)) {
      this.#longest = Math.max(this.#longest, key.length)
    }

    const ban = Object.freeze({ target: known?.target ?? target, since: Math.min(known?.since ?? Infinity, given.since), until: given.until })
    this.#bans.set(key, ban)
    this.onChange?.(key)

    return ban
  }

  /**
   * Ends a ban
   *
   * @returns whether there was one
   * @throws InvalidParametersError for what cannot be banned, and after `detach()`
   */
  lift (target: BanTarget): boolean {
    this.check?.('lift a ban')
    const { key } = parseBanTarget(target, 'lift the ban of')
    const isBanned = this.#current(key) != null
    this.onLift?.(key)
    this.#delete(key)

    return isBanned
  }

  /** Those that have not ended */
  list (): Ban[] {
    return Array.from(this.entries(), ([, ban]) => ban)
  }

  /** The same, with their keys */
  * entries (): Generator<[string, Ban]> {
    for (const key of [...this.#bans.keys()]) {
      const ban = this.#current(key)

      if (ban != null) {
        yield [key, ban]
      }
    }
  }

  /** Why a peer or an address is banned, and until when; undefined where it is not */
  reasonFor (subject: PeerId | Multiaddr | Pick<Candidate, 'multiaddr'>): string | undefined {
    if (this.#bans.size === 0) {
      return
    }

    const [first] = this.matches(subject)

    return first == null ? undefined : inWords(first[1])
  }

  /** Yields the bans of a peer or an address, with their keys */
  * matches (subject: PeerId | Multiaddr | Pick<Candidate, 'multiaddr'>): Generator<[string, Ban]> {
    for (const key of isPeerId(subject) ? [peerKey(subject.toString())] : this.#keysOf(subject)) {
      const ban = this.#current(key)

      if (ban != null) {
        yield [key, ban]
      }
    }
  }

  /** One dial asks for an address again and again */
  #keysOf (subject: Multiaddr | Pick<Candidate, 'multiaddr'>): readonly string[] {
    const multiaddr = isMultiaddr(subject) ? subject : subject.multiaddr

    if (this.#last?.multiaddr !== multiaddr) {
      this.#last = { multiaddr, keys: [...keysOf(multiaddr, this.#prefixes.values(), this.#longest)] }
    }

    return this.#last.keys
  }

  #current (key: string): Ban | undefined {
    const ban = this.#bans.get(key)

    if (ban == null || ban.until > this.#clock.now()) {
      return ban
    }

    this.#delete(key)
  }

  #delete (key: string): void {
    if (this.#bans.delete(key)) {
      this.onChange?.(key)
    }
  }

  /** Evicts what ends first, and of those that end at once the oldest */
  #makeRoom (newKey?: string): void {
    if (this.#bans.size <= this.#max) {
      return
    }

    let first: [string, Ban] | undefined

    for (const [key, ban] of this.#bans) {
      if (key !== newKey && (first == null || endsBefore(ban, first[1]))) {
        first = [key, ban]
      }
    }

    // one that has ended makes room without being evicted
    if (first != null && this.#current(first[0]) != null) {
      this.#delete(first[0])
      this.onEvict?.(first[1])
    }
  }
}

function endsBefore (a: Ban, b: Ban): boolean {
  return a.until === b.until ? a.since < b.since : a.until < b.until
}

function inWords ({ target, until }: Ban): string {
  const end = until > END_OF_TIME ? 'it is lifted' : new Date(until).toISOString()

  return `${toText(target)} is banned until ${end}`
}
