import { Bounded } from '../pipeline/bounded.ts'
import { hashText } from '../pipeline/hash-text.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Listening } from '../pipeline/runtime/make-stage.ts'
import type { DialComponents } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** Milliseconds between a look-up of a peer and the next: doubled by each, up to the longest */
const FIRST = 30_000
const LONGEST = 600_000

/** Milliseconds between look-ups of peers that were never connected */
const BETWEEN_STRANGERS = 10_000

const MAX_PEERS = 2_000

/** How many peers of which addresses are known are looked up at once: as many as libp2p dials at once by default */
const MAX_LOOKUPS = 100

/** A routers' answer may be as long as it likes */
const MAX_ADDRESSES = 256

interface Lookup {
  readonly at: number
  readonly wait: number
  /** Hashes of the addresses that were known at a look-up, or found by it */
  readonly known: Uint32Array
}

/**
 * Spaces the look-ups of peers whose addresses have all failed: a look-up in a DHT costs dozens of messages, and seldom finds
 * more a second later. A connection to the peer ends the wait, and so does an address that was not known at the last look-up.
 */
export class LookupSpacing implements Listening {
  readonly #clock: Clock
  readonly #events: DialComponents['events']
  readonly #lookups = new Bounded<Lookup>(MAX_PEERS)
  #lastStranger = -Infinity
  #running = 0

  constructor ({ events, clock }: Pick<DialComponents, 'events' | 'clock'>) {
    this.#clock = clock
    this.#events = events
    events.addEventListener('connection:open', this.#onConnection)
  }

  stop (): void {
    this.#events.removeEventListener('connection:open', this.#onConnection)
  }

  /** Whether another look-up may begin. It has to say when it is over */
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

  /** Whether a peer that was never connected may be looked up now. If so, no other may for a while */
  admitsStranger (): boolean {
    const now = this.#clock.now()

    if (now - this.#lastStranger < BETWEEN_STRANGERS) {
      return false
    }

    this.#lastStranger = now

    return true
  }

  /** Milliseconds until a peer may be looked up of which these addresses are known. 0: now */
  waitFor (peer: string, known: readonly string[]): number {
    const last = this.#lookups.get(peer)

    // a dial of a peer without addresses has no other way
    return last == null || known.length === 0 || hasNews(last, known) ? 0 : Math.max(0, last.at + last.wait - this.#clock.now())
  }

  /** A look-up has ended */
  ended (peer: string, known: readonly string[], found: readonly string[]): void {
    const last = this.#lookups.get(peer)
    const hashes = [...known, ...found].slice(0, MAX_ADDRESSES).map(hashText)

    this.#lookups.set(peer, {
      at: this.#clock.now(),
      wait: last == null || hasNews(last, known) ? FIRST : Math.min(last.wait * 2, LONGEST),
      // the newest first
      known: Uint32Array.from(new Set([...hashes, ...last?.known ?? []])).slice(0, MAX_ADDRESSES)
    })
  }

  readonly #onConnection = ({ detail: { remotePeer } }: CustomEvent<Connection>): void => {
    this.#lookups.delete(remotePeer.toString())
  }
}

/** Of more addresses than are remembered none is news */
function hasNews ({ known }: Lookup, ids: readonly string[]): boolean {
  const hashes = new Set(known)

  return hashes.size < MAX_ADDRESSES && ids.some(id => !hashes.has(hashText(id)))
}
