/** Counts what happens in each turn of the event loop */
export class TurnCounter {
  /** The most that has happened in one turn */
  max = 0
  /** How many turns there were in which something has happened */
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
