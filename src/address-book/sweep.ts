/** Items that one turn of the event loop looks at where nothing of them has ended: a flood of them ends at one time */
const MAX_COST = 10_000

/** An item of which something has ended costs as much as so many others */
const COST_OF_ENDED = 50

/** Looks at all of some items, over as many turns of the event loop as that takes */
export class Sweep<T> {
  readonly #all: () => Iterable<T>
  readonly #look: (item: T) => boolean
  /** Items that the sweep has yet to look at */
  #rest: T[] = []

  /** @param look returns whether something of an item has ended. The item may be gone since the sweep began */
  constructor (all: () => Iterable<T>, look: (item: T) => boolean) {
    this.#all = all
    this.#look = look
  }

  /** Goes on with a sweep, or begins one. Returns whether there are items left for another turn */
  next (): boolean {
    const rest = this.#rest = this.#rest.length > 0 ? this.#rest : [...this.#all()]

    for (let cost = 0; rest.length > 0 && cost < MAX_COST;) {
      cost += this.#look(rest.pop() as T) ? COST_OF_ENDED : 1
    }

    return rest.length > 0
  }
}
