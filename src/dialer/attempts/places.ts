import { PriorityQueue } from './schedule.ts'

/** An attempt that takes a place, or waits for one */
export interface PlaceTaker {
  /** Written only by `Places` while it waits */
  priority: number
  /** Whether it has left a place to others before */
  readonly isBack: boolean
  /** Called when it is given a place */
  onPlace (): void
  /** Has it go on, with its place */
  pass (): void
  /** Whether it may be asked to leave its place: it was silent, or did not begin, for long */
  readonly mayLeave: boolean
  /** Has it leave its place, and come back behind those that have not had one */
  leave (): void
}

/** The places of one network */
interface Network {
  readonly holders: Set<PlaceTaker>
  /** How many newcomers had been given a place here before each came that waits */
  readonly waits: Map<PlaceTaker, number>
  /** Takers that wait, and have not had a place */
  readonly newcomers: PriorityQueue<PlaceTaker>
  /** Takers that wait, and have left a place */
  readonly back: PriorityQueue<PlaceTaker>
  /** How many newcomers were given a place */
  entered: number
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

  /** Gives the taker a place, now or when its turn comes */
  enter (key: string, taker: PlaceTaker): void {
    const network = this.#networks.get(key) ?? { holders: new Set(), waits: new Map(), newcomers: new PriorityQueue(), back: new PriorityQueue(), entered: 0 }
    this.#networks.set(key, network)
    this.#leaving.delete(taker)
    lineOf(network, taker).add(taker)
    network.waits.set(taker, network.entered)
    this.#fill(network)
    this.review(key)
  }

  /** The taker has ended, or does not wait any more */
  leave (key: string, taker: PlaceTaker): void {
    const network = this.#networks.get(key)

    if (network == null) {
      return
    }

    network.waits.delete(taker)
    lineOf(network, taker).delete(taker)
    network.holders.delete(taker)
    this.#fill(network)
    this.review(key)

    if (network.holders.size + network.waits.size === 0 && this.#networks.get(key) === network) {
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

  /** Moves a taker forward that waits */
  raise (key: string, taker: PlaceTaker, priority: number): void {
    const network = this.#networks.get(key)

    if (network != null && lineOf(network, taker).delete(taker)) {
      taker.priority = priority
      lineOf(network, taker).add(taker)
      this.review(key)
    }
  }

  /** Asks holders to leave where newcomers wait: one may leave now that might not before */
  review (key: string): void {
    const network = this.#networks.get(key)

    if (network == null || network.newcomers.size === 0) {
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
      const taker = this.#next(network)

      if (taker == null) {
        return
      }

      network.entered += taker.isBack ? 0 : 1
      network.waits.delete(taker)
      lineOf(network, taker).delete(taker)
      network.holders.add(taker)
      taker.onPlace()
      taker.pass()
    }
  }

  #next ({ holders, waits, newcomers, back, entered }: Network): PlaceTaker | undefined {
    const [first, other] = [newcomers.first, back.first]

    if (first == null || other == null || first.priority !== other.priority) {
      return first == null || (other != null && other.priority > first.priority) ? other : first
    }

    const hasReserve = [...holders].filter(({ isBack }) => isBack).length < Math.max(1, Math.floor(this.#limit * RESERVE))

    return hasReserve && entered - (waits.get(other) ?? entered) >= PATIENCE ? other : first
  }

  /** Whether more newcomers wait, of its priority or a higher one, than others leave */
  #isWanted ({ holders, newcomers }: Network, { priority }: PlaceTaker): boolean {
    return newcomers.exceeds([...holders].filter(one => this.#leaving.has(one)).length, priority)
  }
}

function lineOf ({ newcomers, back }: Network, { isBack }: PlaceTaker): PriorityQueue<PlaceTaker> {
  return isBack ? back : newcomers
}
