/** A pending timer */
interface Timer {
  readonly at: number
  readonly fn: () => void
}

/** A clock that advances without turns of the event loop: these cost more than the measured code */
export class BareClock {
  #now = 1_700_000_000_000
  readonly #timers = new Set<Timer>()

  now (): number {
    return this.#now
  }

  setTimeout (fn: () => void, ms: number): () => void {
    const timer = { at: this.#now + ms, fn }
    this.#timers.add(timer)

    return () => { this.#timers.delete(timer) }
  }

  /** @param ms milliseconds to advance. Due timers fire at their time */
  advance (ms: number): void {
    const end = this.#now + ms
    const next = (): Timer | undefined => [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0]

    for (let timer = next(); timer != null; timer = next()) {
      this.#now = timer.at
      this.#timers.delete(timer)
      timer.fn()
    }

    this.#now = end
  }
}
