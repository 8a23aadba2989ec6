import { LEVEL } from './levels.ts'
import { MAX_CONFIGURED_PART, MAX_PINNED_PART, MIN_BY_REPORTER, REPORTER_PART } from './limits.ts'
import type { PeerEntry } from './entry.ts'

/** The levels that are evicted, and the part of the book that each keeps when higher ones need room */
const SHARES: ReadonlyArray<readonly [level: number, share: number]> = [[LEVEL.heard, 0.25], [LEVEL.surplus, 0], [LEVEL.told, 0.25], [LEVEL.self, 0.25], [LEVEL.met, 0.25]]

/** A bounded number of peers. Of each level the peer that was last heard of stands last, and the first is evicted */
export class Peers {
  readonly #max: number
  readonly #onEvict: (entry: PeerEntry) => void
  readonly #surplusLevelOf: (entry: PeerEntry) => number
  readonly #byId = new Map<string, PeerEntry>()
  readonly #byLevel = Object.values(LEVEL).map(() => new Map<string, PeerEntry>())
  /** The peers that are known by hearsay alone, by who was the first to report each */
  readonly #byReporter = new Map<string, Set<string>>()

  /** @param surplusLevelOf answers the level that a configured peer has where there are too many of those */
  constructor (max: number, onEvict: (entry: PeerEntry) => void, surplusLevelOf: (entry: PeerEntry) => number) {
    this.#max = max
    this.#onEvict = onEvict
    this.#surplusLevelOf = surplusLevelOf
  }

  get size (): number {
    return this.#byId.size
  }

  /** How many addresses all peers have */
  get addresses (): number {
    return this.entries.reduce((sum, { addresses }) => sum + addresses.length, 0)
  }

  get entries (): PeerEntry[] {
    return this.#byLevel.flatMap(entries => [...entries.values()])
  }

  /** Whether another peer can be pinned: a quarter of the book can, so that pins never starve it */
  get hasRoomForPin (): boolean {
    const pinned = [...this.#mapOf(LEVEL.kept).values()].filter(({ holds }) => holds.length > 0)

    return pinned.length < Math.max(1, Math.floor(this.#max * MAX_PINNED_PART))
  }

  /** Returns the entry of a peer, with what has expired since it was last looked at */
  get (id: string): PeerEntry | undefined {
    return this.#byId.get(id)
  }

  /**
   * Adds a peer. False: no peer of its level or a lower one can be evicted
   *
   * @param reporter - who reports the peer by hearsay
   */
  add (entry: PeerEntry, level: number, reporter?: string): boolean {
    const rank = this.#allowed(entry, level)

    if (this.size >= this.#max && !this.#makeRoom(rank)) {
      return false
    }

    if (rank === LEVEL.heard && reporter != null) {
      entry.reporter = reporter
      this.#limit(this.#byReporter.get(reporter))
    }

    this.#put(entry, rank)

    return true
  }

  /** Something is said of a peer that is known: it stands last of its level now */
  place (entry: PeerEntry, level: number): void {
    this.#takeOut(entry)
    this.#put(entry, this.#allowed(entry, level))
  }

  delete (entry: PeerEntry): void {
    this.#takeOut(entry)
    this.#byId.delete(entry.id)
  }

  #takeOut (entry: PeerEntry): void {
    this.#mapOf(entry.level).delete(entry.id)

    if (entry.reporter != null) {
      const reported = this.#byReporter.get(entry.reporter)
      reported?.delete(entry.id)

      if (reported?.size === 0) {
        this.#byReporter.delete(entry.reporter)
      }
    }
  }

  /** Returns the level that a peer can have where there may be too many configured ones */
  #allowed (entry: PeerEntry, level: number): number {
    const isSurplus = level === LEVEL.configured && this.#mapOf(level).size >= this.#max * MAX_CONFIGURED_PART

    return isSurplus ? Math.max(LEVEL.surplus, this.#surplusLevelOf(entry)) : level
  }

  #put (entry: PeerEntry, rank: number): void {
    entry.level = rank
    this.#byId.set(entry.id, entry)
    this.#mapOf(rank).set(entry.id, entry)

    // a peer that somebody who knows has named since is nobody's rumour any more
    entry.reporter = rank === LEVEL.heard ? entry.reporter : undefined

    if (entry.reporter != null) {
      this.#byReporter.set(entry.reporter, (this.#byReporter.get(entry.reporter) ?? new Set()).add(entry.id))
    }
  }

  #mapOf (rank: number): Map<string, PeerEntry> {
    return this.#byLevel[rank] as Map<string, PeerEntry>
  }

  #limit (reported: ReadonlySet<string> | undefined): void {
    if (reported != null && reported.size >= Math.max(MIN_BY_REPORTER, this.#max * REPORTER_PART)) {
      this.#evict(this.#mapOf(LEVEL.heard).get(reported.values().next().value ?? ''))
    }
  }

  /** A level above its share makes room first, the lowest first; then the newcomer's own; then any below */
  #makeRoom (rank: number): boolean {
    const evictable = SHARES.filter(([level]) => level <= rank && this.#mapOf(level).size > 0)
    const [level] = evictable.find(([level, share]) => this.#mapOf(level).size > this.#max * share) ??
      evictable.find(([level]) => level === rank) ?? evictable[0] ?? []

    return level != null && this.#evict(this.#mapOf(level).values().next().value)
  }

  #evict (entry: PeerEntry | undefined): boolean {
    if (entry == null) {
      return false
    }

    this.delete(entry)
    this.#onEvict(entry)

    return true
  }
}
