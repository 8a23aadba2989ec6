/** Milliseconds for which a name that has resolved says that others can */
const FRESH = 10_000

/** The two names that have resolved last. DNS works while they are fresh, so that the failure of a third is its own */
export class ResolvedNames {
  readonly #latest = new Map<string, number>()

  resolved (name: string, now: number): void {
    this.#latest.delete(name)
    this.#latest.set(name, now)
    const [oldest] = this.#latest.keys()

    if (oldest != null && this.#latest.size > 2) {
      this.#latest.delete(oldest)
    }
  }

  /** Whether another name than this one has resolved lately */
  hasOther (name: string | undefined, now: number): boolean {
    return [...this.#latest].some(([other, at]) => other !== name && now - at < FRESH)
  }
}
