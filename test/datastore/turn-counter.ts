/** Counts events in each turn of the event loop */
export class TurnCounter {
  /** The maximum number of events in one turn */
  max = 0
  /** The number of turns with events */
  turns = 0
  #count = 0

  add (): void {
    if (this.#count === 0) {
      this.turns++
      setImmediate(() => { this.#count = 0 })
    }

    this.max = Math.max(this.max, ++this.#count)
  }
}
