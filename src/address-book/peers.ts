import { PeerEntry } from './entry.ts'
import { LEVEL, levelOfPeer } from './levels.ts'
import { MAX_CONFIGURED_PART, MAX_PINNED_PART, MIN_BY_REPORTER, REPORTER_PART } from './limits.ts'
import { NEVER } from './stored-report.ts'
import type { PlacedSources } from '../pipeline/trust.ts'

/** The levels that can be evicted, with the share of the book that each keeps when a higher level needs room */
const SHARES: ReadonlyArray<readonly [level: number, share: number]> = [[LEVEL.hearsay, 0.25], [LEVEL.surplus, 0], [LEVEL.reported, 0.25], [LEVEL.selfReported, 0.25], [LEVEL.connectedBefore, 0.25]]

/** The peers of one level, the oldest first. They are linked in a ring through their entries: with a set, recording a known address takes 15 % longer */
class PeerList {
  size = 0
  /** Stands between the newest and the oldest peer */
  readonly #end = new PeerEntry('')

  get first (): PeerEntry | undefined {
    return this.size === 0 ? undefined : this.#end.newer
  }

  add (entry: PeerEntry): void {
    link(this.#end.older ?? this.#end, entry)
    link(entry, this.#end)
    this.size++
  }

  remove (entry: PeerEntry): void {
    link(entry.older as PeerEntry, entry.newer as PeerEntry)
    entry.older = entry.newer = undefined
    this.size--
  }

  * [Symbol.iterator] (): Generator<PeerEntry> {
    for (let entry = this.first; entry != null && entry !== this.#end; entry = entry.newer) {
      yield entry
    }
  }
}

function link (older: PeerEntry, newer: PeerEntry): void {
  older.newer = newer
  newer.older = older
}

/** A bounded set of peers. Each level is ordered by the last report, and the oldest peer is evicted first */
export class Peers {
  readonly #max: number
  readonly #onEvict: (entry: PeerEntry) => void
  readonly #trust?: PlacedSources
  readonly #byId = new Map<string, PeerEntry>()
  readonly #byLevel = Object.values(LEVEL).map(() => new PeerList())
  /** The peers known by hearsay alone, by the peer that reported each first */
  readonly #byReporter = new Map<string, Set<string>>()

  constructor (max: number, onEvict: (entry: PeerEntry) => void, trust?: PlacedSources) {
    this.#max = max
    this.#onEvict = onEvict
    this.#trust = trust
  }

  get size (): number {
    return this.#byId.size
  }

  get addresses (): number {
    return this.entries.reduce((sum, { addresses }) => sum + addresses.length, 0)
  }

  get entries (): PeerEntry[] {
    return this.#byLevel.flatMap(entries => [...entries])
  }

  /** Whether another peer can be pinned. Pinned peers are never evicted, so they can fill only a quarter of the book */
  get hasRoomForPin (): boolean {
    const pinned = [...this.#listOf(LEVEL.inUse)].filter(({ pins }) => pins.length > 0)

    return pinned.length < Math.max(1, Math.floor(this.#max * MAX_PINNED_PART))
  }

  /** Returns the entry of a peer, which may contain expired parts */
  get (id: string): PeerEntry | undefined {
    return this.#byId.get(id)
  }

  /**
   * Adds a peer. Returns false if no peer of its level or a lower one can be evicted
   *
   * @param reporter the peer that reports it by hearsay
   */
  add (entry: PeerEntry, level: number, reporter?: string): boolean {
    const rank = this.#allowed(entry, level)
    entry.reporter = rank === LEVEL.hearsay ? reporter : undefined
    const isFull = this.size >= this.#max
    // a reporter at its cap evicts no peer that others have named
    const evicted = this.#beyondCap(entry.reporter) ?? (isFull ? this.#weakest(rank) : undefined)

    if (isFull && evicted == null) {
      return false
    }

    this.delete(evicted)
    this.#byId.set(entry.id, entry)
    this.#put(entry, rank)

    if (evicted != null) {
      this.#onEvict(evicted)
    }

    return true
  }

  /** Moves a known peer to the end of a level, as the newest there. A peer that has left the book stays outside */
  place (entry: PeerEntry, level: number): void {
    if (entry.level !== NEVER) {
      this.#takeOut(entry)
      this.#put(entry, this.#allowed(entry, level))
    }
  }

  delete (entry: PeerEntry | undefined): void {
    if (entry != null && entry.level !== NEVER) {
      this.#takeOut(entry)
      this.#byId.delete(entry.id)
    }
  }

  #takeOut (entry: PeerEntry): void {
    this.#listOf(entry.level).remove(entry)
    entry.level = NEVER

    if (entry.reporter != null) {
      const reported = this.#byReporter.get(entry.reporter)
      reported?.delete(entry.id)

      if (reported?.size === 0) {
        this.#byReporter.delete(entry.reporter)
      }
    }
  }

  /** Returns the level at which a peer is evicted: a configured peer beyond their share of the book is surplus, and goes earlier */
  #allowed (entry: PeerEntry, level: number): number {
    const isSurplus = level === LEVEL.configured && this.#listOf(level).size >= this.#max * MAX_CONFIGURED_PART

    return isSurplus ? Math.max(LEVEL.surplus, levelOfPeer(entry, false, this.#trust, LEVEL.surplus)) : level
  }

  #put (entry: PeerEntry, rank: number): void {
    entry.level = rank
    this.#listOf(rank).add(entry)

    // a better report makes the peer more than hearsay
    entry.reporter = rank === LEVEL.hearsay ? entry.reporter : undefined

    if (entry.reporter != null) {
      this.#byReporter.set(entry.reporter, (this.#byReporter.get(entry.reporter) ?? new Set()).add(entry.id))
    }
  }

  #listOf (rank: number): PeerList {
    return this.#byLevel[rank] as PeerList
  }

  /** Returns the oldest peer of a reporter that has as many as it may: that one makes room for the next */
  #beyondCap (reporter: string | undefined): PeerEntry | undefined {
    const reported = this.#byReporter.get(reporter ?? '')

    return reported != null && reported.size >= Math.max(MIN_BY_REPORTER, this.#max * REPORTER_PART) ? this.#byId.get(reported.values().next().value ?? '') : undefined
  }

  /** Returns the oldest peer of the lowest level above its share, then of the newcomer's own level, then of any below */
  #weakest (rank: number): PeerEntry | undefined {
    const evictable = SHARES.filter(([level]) => level <= rank && this.#listOf(level).size > 0)
    const [level] = evictable.find(([level, share]) => this.#listOf(level).size > this.#max * share) ??
      evictable.find(([level]) => level === rank) ?? evictable[0] ?? []

    return level == null ? undefined : this.#listOf(level).first
  }
}
