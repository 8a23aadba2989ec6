/** An attempt that takes a place, or waits for one */
export interface PlaceTaker {
  /** Read anew whenever a place is free: it may have been raised */
  readonly priority: number
  /** Whether it has left a place to others before */
  readonly isBack: boolean
  /** Called when it is given a place */
  onPlace?: () => void
  /** Whether it may be asked to leave its place: it was silent, or did not begin, for long */
  readonly mayLeave: boolean
  /** Has it leave its place, and come back behind those that have not had one */
  leave (): void
}

interface Wait {
  /** How many newcomers had been given a place here before it came */
  readonly since: number
  /** Called when it is given a place */
  readonly onGranted: () => void
}

/** The places of one network */
interface Network {
  readonly holders: Set<PlaceTaker>
  /** The oldest first */
  readonly waiting: Map<PlaceTaker, Wait>
  newcomers: number
}

/** The newcomers that go before a taker which has left its place, where they go on to come */
const PATIENCE = 8

/** The share of the places for takers that newcomers have gone before for so long */
const RESERVE = 1 / 8

/**
 * A few places in each network, while somebody takes them. The highest priority goes first, and among equals a newcomer, which has not
 * had a place. Where a newcomer waits, one holder that was silent for long leaves: no more of them than there are newcomers. A part of
 * the places goes to those that have left theirs, the oldest first: or they would wait for as long as newcomers come
 */
export class Places {
  readonly #limit: number
  readonly #networks = new Map<string, Network>()
  /** Takers that were asked to leave, and have not ended yet */
  readonly #leaving = new WeakSet<PlaceTaker>()

  constructor (limit: number) {
    this.#limit = limit
  }

  isFull (key: string): boolean {
    const network = this.#networks.get(key)

    return network != null && network.holders.size >= this.#limit
  }

  /** Returns whether the taker has a place now. Where it has none, `onGranted` is called when it is given one */
  enter (key: string, taker: PlaceTaker, onGranted: () => void): boolean {
    const network = this.#networks.get(key) ?? { holders: new Set(), waiting: new Map(), newcomers: 0 }
    this.#networks.set(key, network)
    this.#leaving.delete(taker)
    let isEntering = true
    network.waiting.set(taker, {
      since: network.newcomers,
      onGranted: () => {
        if (!isEntering) {
          onGranted()
        }
      }
    })
    this.#fill(network)
    this.review(key)
    isEntering = false

    return network.holders.has(taker)
  }

  /** The taker has ended, or does not wait any more */
  leave (key: string, taker: PlaceTaker): void {
    const network = this.#networks.get(key)

    if (network == null) {
      return
    }

    network.waiting.delete(taker)
    network.holders.delete(taker)
    this.#fill(network)
    this.review(key)

    if (network.holders.size + network.waiting.size === 0 && this.#networks.get(key) === network) {
      this.#networks.delete(key)
    }
  }

  /** The place is given back, and the task goes on: who has been answered holds nobody up */
  release (key: string, taker: PlaceTaker): void {
    const network = this.#networks.get(key)

    if (network?.holders.delete(taker) === true) {
      this.#fill(network)
      this.review(key)
    }
  }

  /** Asks holders to leave where newcomers wait: one may leave now that might not before, or another's priority was raised */
  review (key: string): void {
    const network = this.#networks.get(key)

    if (network == null || network.waiting.size === 0) {
      return
    }

    for (const holder of [...network.holders]) {
      if (holder.mayLeave && !this.#leaving.has(holder) && this.#isWanted(network, holder)) {
        this.#leaving.add(holder)
        holder.leave()
      }
    }
  }

  #fill (network: Network): void {
    while (network.holders.size < this.#limit) {
      const next = this.#next(network)

      if (next == null) {
        return
      }

      const [taker, wait] = next
      network.newcomers += taker.isBack ? 0 : 1
      network.waiting.delete(taker)
      network.holders.add(taker)
      taker.onPlace?.()
      wait.onGranted()
    }
  }

  #next ({ holders, waiting, newcomers }: Network): [PlaceTaker, Wait] | undefined {
    const hasReserve = [...holders].filter(({ isBack }) => isBack).length < Math.max(1, Math.floor(this.#limit * RESERVE))
    const rank = ([{ isBack }, { since }]: [PlaceTaker, Wait]): number => isBack ? Number(hasReserve && newcomers - since >= PATIENCE) * 2 : 1

    return [...waiting].reduce<[PlaceTaker, Wait] | undefined>((best, one) => {
      const isBetter = best == null || one[0].priority > best[0].priority || (one[0].priority === best[0].priority && rank(one) > rank(best))

      return isBetter ? one : best
    }, undefined)
  }

  /** Whether more newcomers wait, of its priority or a higher one, than others leave */
  #isWanted ({ holders, waiting }: Network, { priority }: PlaceTaker): boolean {
    const wanting = [...waiting.keys()].filter(one => !one.isBack && one.priority >= priority).length

    return wanting > [...holders].filter(one => this.#leaving.has(one)).length
  }
}
