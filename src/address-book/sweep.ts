/** Caps the cost of one turn of the event loop, in items of which nothing has ended */
const MAX_COST = 10_000

/** The cost of an item of which something has ended */
const COST_OF_ENDED = 50

/** Looks at all items, over as many turns of the event loop as needed */
export class Sweep<T> {
  readonly #all: () => Iterable<T>
  readonly #look: (item: T) => boolean
  /** The items that are left */
  #rest: T[] = []

  /** @param look returns whether something of an item has ended. An item may have been removed since the sweep began */
  constructor (all: () => Iterable<T>, look: (item: T) => boolean) {
    this.#all = all
    this.#look = look
  }

  /** Continues a sweep, or begins one. Returns whether items are left for another turn */
  next (): boolean {
    const rest = this.#rest = this.#rest.length > 0 ? this.#rest : [...this.#all()]

    for (let cost = 0; rest.length > 0 && cost < MAX_COST;) {
      cost += this.#look(rest.pop() as T) ? COST_OF_ENDED : 1
    }

    return rest.length > 0
  }
}
