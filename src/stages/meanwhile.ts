import { isFinal } from '../pipeline/errors.ts'
import { lowest } from '../pipeline/extremes.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate, Failed } from '../pipeline/types.ts'

/** Milliseconds from a failure to the next try of the same address, doubled by each try */
const FIRST = 1_000

/**
 * Tries addresses again that have failed, while a source looks further because all have. A look-up may take longer than a peer
 * needs to restart, and libp2p's reconnect queue, which would try again after 1 s, 2 s, 4 s, …, waits for the dial.
 */
export class Meanwhile {
  readonly #dial: RaceDial
  /** How often each address was tried again */
  #tries?: Map<string, number>
  #since?: number

  constructor (dial: RaceDial) {
    this.#dial = dial
  }

  /** The addresses of a list that are due, and when the next one is. Neither: there is a connection, or nothing can change */
  next (candidates: readonly Candidate[]): { due: Candidate[], nextAt?: number } {
    if (this.#dial.hasConnection) {
      return { due: [] }
    }

    const now = this.#dial.clock.now()
    // most look-ups end at once
    const since = this.#since ??= now
    const failed = new Map<string, Failed>()

    for (const outcome of this.#dial.outcomes) {
      if (outcome.status === 'failed') {
        failed.set(outcome.candidate.id, outcome)
      }
    }

    const times = candidates.flatMap(candidate => {
      const outcome = failed.get(candidate.id)

      return outcome == null || isFinal(outcome.error)
        ? []
        : [{ candidate, at: Math.max(outcome.endedAt, since) + FIRST * 2 ** (this.#tries?.get(candidate.id) ?? 0) }]
    })

    const due = times.flatMap(({ candidate, at }) => at <= now ? [candidate] : [])
    const nextAt = lowest(times.flatMap(({ at }) => at <= now ? [] : [at]))

    return nextAt === Infinity ? { due } : { due, nextAt }
  }

  began ({ id }: Candidate): void {
    this.#tries ??= new Map()
    this.#tries.set(id, (this.#tries.get(id) ?? 0) + 1)
  }
}
