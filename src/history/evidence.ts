/** How much of what counted `age` milliseconds ago counts now. A clock that was set back takes nothing away */
export function decay (age: number, halfLife: number): number {
  return age <= 0 ? 1 : 2 ** (-age / halfLife)
}

/** Successes and failures: the older, the less they count */
export class Evidence {
  successes = 0
  failures = 0
  /** When they counted so much */
  at = 0
  readonly #halfLife: number

  constructor (halfLife: number) {
    this.#halfLife = halfLife
  }

  /** Weights from 0 to 1: what is only a part of a failure counts as a part */
  add (successes: number, failures: number, now: number): void {
    const kept = decay(now - this.at, this.#halfLife)
    this.successes = this.successes * kept + successes
    this.failures = this.failures * kept + failures
    this.at = now
  }

  /**
   * Raises the counts to at least these
   *
   * @returns by how much: repeating an observation only makes it fresh again
   */
  raise (successes: number, failures: number, now: number): { successes: number, failures: number } {
    const known = this.counts(now)
    const more = { successes: Math.max(0, successes - known.successes), failures: Math.max(0, failures - known.failures) }
    this.add(more.successes, more.failures, now)

    return more
  }

  /**
   * The mean of the Beta posterior: the probability of a success, where `prior` was believed and counts as much as
   * `strength` observations
   */
  posterior (prior: number, strength: number, now: number): number {
    const kept = decay(now - this.at, this.#halfLife)

    return (this.successes * kept + strength * prior) / ((this.successes + this.failures) * kept + strength)
  }

  copy (): Evidence {
    return Object.assign(new Evidence(this.#halfLife), { successes: this.successes, failures: this.failures, at: this.at })
  }

  /** As it counts at a time */
  counts (now: number): { successes: number, failures: number } {
    const kept = decay(now - this.at, this.#halfLife)

    return { successes: this.successes * kept, failures: this.failures * kept }
  }
}
