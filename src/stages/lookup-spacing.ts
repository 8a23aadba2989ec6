import { Bounded } from '../pipeline/bounded.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Candidate, DialComponents } from '../pipeline/types.ts'

/** Milliseconds between a look-up of a peer and the next: doubled by each, up to the longest */
const FIRST = 30_000
const LONGEST = 600_000

const MAX_PEERS = 2_000

interface Lookup {
  readonly at: number
  readonly wait: number
  /** All addresses that were known then or were found, by candidate id */
  readonly known: Set<string>
}

type Events = DialComponents['events']

/** One for each node: pipelines come and go, and so would their listeners */
const ofNodes = new WeakMap<Events, LookupSpacing>()

export function lookupSpacingOf ({ events, clock }: Pick<DialComponents, 'events' | 'clock'>): LookupSpacing {
  const spacing = ofNodes.get(events) ?? new LookupSpacing(events, clock)
  ofNodes.set(events, spacing)

  return spacing
}

/**
 * Spaces the look-ups of peers whose addresses have all failed: a look-up in a DHT costs dozens of messages, and seldom finds
 * more a second later. A connection to the peer ends the wait, and so does an address that was not known at the last look-up.
 */
export class LookupSpacing {
  readonly #clock: Clock
  readonly #lookups = new Bounded<Lookup | undefined>(MAX_PEERS)

  constructor (events: Events, clock: Clock) {
    this.#clock = clock
    events.addEventListener('connection:open', ({ detail: { remotePeer } }) => {
      const peer = remotePeer.toString()

      if (this.#lookups.get(peer) != null) {
        this.#lookups.set(peer, undefined)
      }
    })
  }

  /** Milliseconds until a peer may be looked up. 0: now, which counts as a look-up */
  begin (peer: string, known: readonly Candidate[]): number {
    const now = this.#clock.now()
    const last = this.#lookups.get(peer)
    const hasNews = last == null || known.some(({ id }) => !last.known.has(id))

    // a dial of a peer without addresses has no other way
    if (!hasNews && known.length > 0 && now < last.at + last.wait) {
      return last.at + last.wait - now
    }

    this.#lookups.set(peer, {
      at: now,
      wait: hasNews ? FIRST : Math.min(last.wait * 2, LONGEST),
      known: new Set(known.map(({ id }) => id))
    })

    return 0
  }

  /** The latest look-up of a peer has found an address */
  found (peer: string, id: string): void {
    this.#lookups.get(peer)?.known.add(id)
  }
}
