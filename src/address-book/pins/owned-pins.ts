import type { PinEntry } from './pin-entry.ts'

/** The share of a pin in the quota of its owner */
export interface PinCost {
  readonly id: string
  /** The number of addresses that count for the pin */
  readonly size: number
}

/** The pins of one owner, the oldest first, with their peers and addresses counted */
export class OwnedPins {
  addresses = 0
  readonly #costs = new Map<PinEntry, PinCost>()
  readonly #byPeer = new Map<string, number>()

  get size (): number {
    return this.#costs.size
  }

  get peers (): number {
    return this.#byPeer.size
  }

  get entries (): Array<[PinEntry, PinCost]> {
    return [...this.#costs]
  }

  hasPeer (id: string): boolean {
    return this.#byPeer.has(id)
  }

  add (pin: PinEntry, cost: PinCost): void {
    this.#costs.set(pin, cost)
    this.#byPeer.set(cost.id, (this.#byPeer.get(cost.id) ?? 0) + 1)
    this.addresses += cost.size
  }

  /** Removes a pin. Repeated calls have no effect */
  remove (pin: PinEntry): void {
    const cost = this.#costs.get(pin)

    if (cost != null) {
      const rest = (this.#byPeer.get(cost.id) ?? 0) - 1
      this.#byPeer.set(cost.id, rest)
      this.#costs.delete(pin)
      this.addresses -= cost.size

      if (rest === 0) {
        this.#byPeer.delete(cost.id)
      }
    }
  }
}
