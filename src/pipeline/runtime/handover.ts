import type { AnyStage, AttemptLayer, Candidate } from '../types.ts'

/** What an attempt has passed, and passes through */
export interface Demands {
  readonly filters: readonly AnyStage[]
  /** What stages below a race put around attempts */
  readonly layers: readonly AttemptLayer[]
}

/** An attempt that goes on while no race runs it */
export interface HandedOver {
  readonly candidate: Candidate
  /** Ends it, and gives back its connection */
  abandon (): void
}

/** The attempts in flight of a part of a dial that has ended, for the part that comes in its place */
export class Handover {
  readonly #flights = new Map<string, { readonly flight: HandedOver, readonly demands: Demands }>()

  get isEmpty (): boolean {
    return this.#flights.size === 0
  }

  add (flight: HandedOver, demands: Demands): void {
    this.abandon(flight.candidate)
    this.#flights.set(flight.candidate.id, { flight, demands })
  }

  /** The attempt of a candidate, where it has passed, and passes through, all that one would that began now */
  take ({ id }: Candidate, demandsOf: () => Demands): HandedOver | undefined {
    const one = this.#flights.get(id)

    if (one == null || !includesAll(one.demands, demandsOf())) {
      return
    }

    this.#flights.delete(id)

    return one.flight
  }

  /** Another attempt of the candidate has started: the one that could not be taken is of no use any more */
  abandon ({ id }: Candidate): void {
    this.#flights.get(id)?.flight.abandon()
    this.#flights.delete(id)
  }

  /** Nothing comes in its place */
  end (): void {
    this.#flights.forEach(({ flight }) => { flight.abandon() })
    this.#flights.clear()
  }
}

function includesAll (flight: Demands, demands: Demands): boolean {
  return demands.filters.every(one => flight.filters.includes(one)) && demands.layers.every(one => flight.layers.includes(one))
}
