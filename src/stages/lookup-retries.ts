import { isFinal } from '../pipeline/errors.ts'
import { lowest } from '../pipeline/extremes.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate } from '../pipeline/types.ts'

/** Milliseconds from a failure to the first retry of the address. Each retry doubles the delay */
const FIRST = 1_000

/**
 * Retries failed addresses while a source searches further because all have failed. A look-up may take longer than a peer needs to restart.
 * libp2p's reconnect queue would retry after 1 s, 2 s, 4 s, …, but waits for this dial.
 */
export class LookupRetries {
  readonly #dial: RaceDial
  readonly #tries = new Map<string, number>()
  #since?: number

  constructor (dial: RaceDial) {
    this.#dial = dial
  }

  /** Returns the addresses of a list that are due, and when the next one is. Infinity: there is a connection, or all failures are final */
  next (candidates: readonly Candidate[]): { due: Candidate[], nextAt: number } {
    if (this.#dial.hasConnection) {
      return { due: [], nextAt: Infinity }
    }

    const now = this.#dial.clock.now()
    // retries count from the first call on, not from failures before it: most look-ups end before a retry is due
    const since = this.#since ??= now
    const failed = new Map(this.#dial.outcomes.flatMap(outcome => outcome.status === 'failed' ? [[outcome.candidate.id, outcome]] : []))

    const times = candidates.flatMap(candidate => {
      const outcome = failed.get(candidate.id)

      return outcome == null || isFinal(outcome.error)
        ? []
        : [{ candidate, at: Math.max(outcome.endedAt, since) + FIRST * 2 ** (this.#tries.get(candidate.id) ?? 0) }]
    })

    return {
      due: times.filter(({ at }) => at <= now).map(({ candidate }) => candidate),
      nextAt: lowest(times.map(({ at }) => at).filter(at => at > now))
    }
  }

  began ({ id }: Candidate): void {
    this.#tries.set(id, (this.#tries.get(id) ?? 0) + 1)
  }
}
