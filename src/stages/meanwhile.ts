import { isFinal } from '../pipeline/errors.ts'
import { lowest } from '../pipeline/extremes.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate } from '../pipeline/types.ts'

/** Milliseconds from a failure to the next try of the same address, doubled by each try */
const FIRST = 1_000

/**
 * Tries addresses again that have failed, while a source looks further because all have. A look-up may take longer than a peer
 * needs to restart, and libp2p's reconnect queue, which would try again after 1 s, 2 s, 4 s, …, waits for the dial.
 */
export class Meanwhile {
  readonly #dial: RaceDial
  /** How often each address was tried again */
  readonly #tries = new Map<string, number>()
  #since?: number

  constructor (dial: RaceDial) {
    this.#dial = dial
  }

  /** The addresses of a list that are due, and when the next one is. Infinity: there is a connection, or nothing can change */
  next (candidates: readonly Candidate[]): { due: Candidate[], nextAt: number } {
    if (this.#dial.hasConnection) {
      return { due: [], nextAt: Infinity }
    }

    const now = this.#dial.clock.now()
    // most look-ups end at once
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
