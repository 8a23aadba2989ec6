import type { AnyStage, AttemptLayer, Candidate } from '../types.ts'

/** The filters that the address of an attempt has passed, and the layers that it runs through */
export interface AttemptDemands {
  readonly filters: readonly AnyStage[]
  /** The layers that stages below a race add to attempts */
  readonly layers: readonly AttemptLayer[]
}

/** An attempt that continues while no race runs it */
export interface DetachedAttempt {
  readonly candidate: Candidate
  /** Cancels the attempt, and discards its connection */
  abandon (): void
}

/** Keeps the attempts in flight of an ended part of a dial, for the part that follows it */
export class Handover {
  readonly #flights = new Map<string, { readonly flight: DetachedAttempt, readonly demands: AttemptDemands }>()

  add (flight: DetachedAttempt, demands: AttemptDemands): void {
    this.abandon(flight.candidate)
    this.#flights.set(flight.candidate.id, { flight, demands })
  }

  /** Removes and returns the attempt of a candidate, if it meets the demands that a new attempt would have to meet */
  take ({ id }: Candidate, demandsOf: () => AttemptDemands): DetachedAttempt | undefined {
    const one = this.#flights.get(id)

    if (one == null || !includesAll(one.demands, demandsOf())) {
      return
    }

    this.#flights.delete(id)

    return one.flight
  }

  /** Cancels the attempt of a candidate, which another attempt has replaced */
  abandon ({ id }: Candidate): void {
    this.#flights.get(id)?.flight.abandon()
    this.#flights.delete(id)
  }

  /** Cancels all attempts: no part follows */
  end (): void {
    this.#flights.forEach(({ flight }) => { flight.abandon() })
    this.#flights.clear()
  }
}

function includesAll (flight: AttemptDemands, demands: AttemptDemands): boolean {
  return demands.filters.every(one => flight.filters.includes(one)) && demands.layers.every(one => flight.layers.includes(one))
}
