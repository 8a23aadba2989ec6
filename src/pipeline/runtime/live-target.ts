import { addAddress } from '../address-marks.ts'
import { nextTurn } from './turns.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Target } from '../flow.ts'
import type { Clock } from '../clock.ts'

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
    this.#current = Object.freeze({ peerId, multiaddrs: [...this.#known.values()] })
  }

  get current (): Target {
    return this.#current
  }

  /** Adds the addresses of a joining caller. Returns whether an address, or a source of one, was new */
  add (multiaddrs: readonly Multiaddr[]): boolean {
    const isNews = this.#addAll(multiaddrs)

    if (isNews) {
      this.#current = Object.freeze({ ...this.#current, multiaddrs: [...this.#known.values()] })
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
   * @param until - on the dial's clock. Infinity: only a notification wakes
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
