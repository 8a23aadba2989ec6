import { addAddress } from '../address-marks.ts'
import { nextTurn } from './turns.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Target } from '../flow.ts'
import type { Clock } from '../clock.ts'

/** What the callers of a running dial want, and how often something was learnt that every stage may want to look at */
export class LiveTarget {
  /** Raised by each new address of a caller, and by each failed attempt */
  version = 0
  /** The same, raised also by each address that stages find */
  knowledge = 0
  /** Wakes the race that waits. Only one of a dial does */
  readonly wake = new Wake()
  #current: Target
  readonly #known = new Map<string, Multiaddr>()

  constructor (peerId: PeerId | undefined, multiaddrs: readonly Multiaddr[]) {
    this.#addAll(multiaddrs)
    this.#current = Object.freeze({ peerId, multiaddrs: [...this.#known.values()] })
  }

  get current (): Target {
    return this.#current
  }

  /** Adds the addresses of a joining caller; answers whether there was anything new: an address, or another source of one */
  add (multiaddrs: readonly Multiaddr[]): boolean {
    const isNews = this.#addAll(multiaddrs)

    if (isNews) {
      this.#current = Object.freeze({ ...this.#current, multiaddrs: [...this.#known.values()] })
      this.raise()
    }

    return isNews
  }

  /** Has every stage asked again, because something was learnt */
  raise (): void {
    this.version++
    this.knowledge++
    this.wake.notify()
  }

  #addAll (multiaddrs: readonly Multiaddr[]): boolean {
    return multiaddrs.map(one => addAddress(this.#known, one)).includes(true)
  }
}

/** After so many waits the event loop turns: what is awaited may be settled already, and nothing else would ever run */
const PER_TURN = 64

/** The part of a dial that sleeps */
interface Sleeper {
  readonly clock: Clock
  /** Why it has ended */
  readonly reason: unknown
  /** @throws the reason for which it has ended */
  throwIfEnded (): void
  onEnd (fn: () => void): () => void
}

/** Lets the race of a dial sleep until there is something to look at. A notification is never lost */
export class Wake {
  #isTold = false
  #count = 0
  #resume?: () => void

  notify (): void {
    this.#isTold = true
    this.#resume?.()
  }

  /**
   * Resolves when there is news, or at a time
   *
   * @param until - on the dial's clock. Infinity: only news counts
   * @throws the reason for which the part has ended, when that is first
   */
  async wait (part: Sleeper, until: number): Promise<void> {
    part.throwIfEnded()

    if (++this.#count % PER_TURN === 0) {
      await this.#sleep(part, nextTurn)
    }

    if (!this.#isTold) {
      await this.#sleep(part, done => {
        this.#resume = done

        return until === Infinity ? undefined : part.clock.setTimeout(done, Math.max(0, until - part.clock.now()))
      })
    }

    this.#isTold = false
  }

  /** @param begin has `done` called. What it returns takes that back */
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
