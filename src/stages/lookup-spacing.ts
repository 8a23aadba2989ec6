import { Bounded } from '../pipeline/bounded.ts'
import { hashText } from '../pipeline/hash-text.ts'
import type { Listening } from '../pipeline/runtime/make-stage.ts'
import type { DialComponents } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** Milliseconds between two look-ups of a peer. Each look-up doubles them, up to `LONGEST`, unless the peer has new addresses */
const FIRST = 30_000
const LONGEST = 600_000

/** Milliseconds between look-ups that are unlikely to find anything */
const BETWEEN_UNLIKELY = 10_000

/** The number of look-ups in vain, one after another, after which the next one is unlikely to find anything */
const MAX_IN_VAIN = 3

const MAX_PEERS = 2_000

/** The maximum number of concurrent look-ups of peers with known addresses: libp2p's default for parallel dials */
const MAX_LOOKUPS = 100

/** The maximum number of addresses that are remembered of a peer: a router may answer with any number */
const MAX_ADDRESSES = 256

type LookupComponents = Pick<DialComponents, 'events' | 'clock' | 'surroundings'>

interface Lookup {
  readonly at: number
  readonly wait: number
  /** Hashes of the addresses that were known at this look-up or an earlier one, or found by one */
  readonly known: Uint32Array
}

/**
 * Limits how often a peer is looked up whose addresses have all failed: a DHT look-up costs dozens of messages, and rarely finds more a second
 * later. A connection to the peer resets the limit, and so do an address that was unknown at the last look-up, and another network.
 *
 * The caller waits for each look-up, and libp2p's own dialer makes none. A program or a DHT walk that meets many dead peers, one after another, must
 * not wait for each.
 */
export class LookupSpacing implements Listening {
  readonly #node: LookupComponents
  #lookups = new Bounded<Lookup>(MAX_PEERS)
  #lastUnlikely = -Infinity
  /** The number of look-ups in a row, of any peers with known addresses, that found no new address */
  #inVain = 0
  #running = 0
  /** When the network changed before the look-ups */
  #changedAt = -Infinity

  constructor (node: LookupComponents) {
    this.#node = node
    node.events.addEventListener('connection:open', this.#onConnection)
  }

  stop (): void {
    this.#node.events.removeEventListener('connection:open', this.#onConnection)
  }

  /** Returns whether another look-up may begin. At its end, `over()` must be called */
  begin (): boolean {
    if (this.#running >= MAX_LOOKUPS) {
      return false
    }

    this.#running++

    return true
  }

  over (): void {
    this.#running--
  }

  /**
   * Returns whether a peer with known addresses may be looked up now. For peers that were never connected, one look-up in 10 s is allowed. While
   * look-ups find nothing, that limit holds for all peers
   */
  admits (wasConnected: boolean): boolean {
    this.#lookAtNetwork()

    if (wasConnected && this.#inVain < MAX_IN_VAIN) {
      return true
    }

    const now = this.#node.clock.now()

    if (now - this.#lastUnlikely < BETWEEN_UNLIKELY) {
      return false
    }

    this.#lastUnlikely = now

    return true
  }

  /** Returns the milliseconds until a peer with these known addresses may be looked up. 0: now */
  waitFor (peer: string, known: readonly string[]): number {
    this.#lookAtNetwork()
    const last = this.#lookups.get(peer)

    // a peer without known addresses never waits: it has no other way to be dialled
    return last == null || known.length === 0 || hasNews(last, known) ? 0 : Math.max(0, last.at + last.wait - this.#node.clock.now())
  }

  /** Records the end of a look-up */
  ended (peer: string, known: readonly string[], found: readonly string[]): void {
    const last = this.#lookups.get(peer)

    if (known.length > 0) {
      this.#inVain = found.every(id => known.includes(id)) ? this.#inVain + 1 : 0
    }

    const hashes = [...known, ...found].slice(0, MAX_ADDRESSES).map(hashText)

    this.#lookups.set(peer, {
      at: this.#node.clock.now(),
      wait: last == null || hasNews(last, known) ? FIRST : Math.min(last.wait * 2, LONGEST),
      // newest first: the cap drops the oldest
      known: Uint32Array.from(new Set([...hashes, ...last?.known ?? []])).slice(0, MAX_ADDRESSES)
    })
  }

  /** Forgets the look-ups in a former network, and those of an outage */
  #lookAtNetwork (): void {
    const { changedAt = -Infinity } = this.#node.surroundings ?? {}

    if (changedAt > this.#changedAt) {
      this.#changedAt = changedAt
      this.#lookups = new Bounded<Lookup>(MAX_PEERS)
      this.#lastUnlikely = -Infinity
      this.#inVain = 0
    }
  }

  readonly #onConnection = ({ detail: { remotePeer } }: CustomEvent<Connection>): void => {
    this.#lookups.delete(remotePeer.toString())
  }
}

/** Returns whether an address was unknown at a look-up. None counts as unknown if the look-up has `MAX_ADDRESSES`: others may be forgotten */
function hasNews ({ known }: Lookup, ids: readonly string[]): boolean {
  const hashes = new Set(known)

  return hashes.size < MAX_ADDRESSES && ids.some(id => !hashes.has(hashText(id)))
}
