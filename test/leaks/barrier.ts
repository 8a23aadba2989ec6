/** Lets nobody on before so many have come */
export class Barrier {
  arrived = 0
  readonly #count: number
  readonly #waiting: Array<() => void> = []

  constructor (count: number) {
    this.#count = count
  }

  /** As a hook of a connection gater: denies nothing, but takes its time */
  async hold (): Promise<false> {
    this.arrived++

    if (this.arrived < this.#count) {
      await new Promise<void>(resolve => { this.#waiting.push(resolve) })
    }

    this.#waiting.forEach(resolve => { resolve() })

    return false
  }
}
