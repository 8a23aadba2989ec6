/** Blocks callers until a number of them have arrived */
export class Barrier {
  arrived = 0
  readonly #count: number
  readonly #waiting: Array<() => void> = []

  constructor (count: number) {
    this.#count = count
  }

  /** A hook for a connection gater: it allows everything, after a wait */
  async hold (): Promise<false> {
    this.arrived++

    if (this.arrived < this.#count) {
      await new Promise<void>(resolve => { this.#waiting.push(resolve) })
    }

    this.#waiting.forEach(resolve => { resolve() })

    return false
  }
}
