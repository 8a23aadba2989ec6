import { Schedule } from './schedule.ts'

/** An attempt that takes a slot, for the dials that want it */
export interface SlotTaker {
  readonly dials: Iterable<object>
}

export interface SpeculationRequest {
  /** Undefined: a task that counts for no dial. It is never speculative */
  attempt?: SlotTaker
  readonly priority: number
  /** Ends the wait */
  signal: AbortSignal
}

/** A speculative attempt that waits */
interface Ticket {
  priority: number
  begin (): void
}

/**
 * Limits the speculative attempts of a node. An attempt is speculative while each dial that wants it has another attempt in flight,
 * or has given its turn away. The first attempt of a dial does not wait here, so that dials with many silent addresses leave the
 * others a slot.
 */
export class Speculation {
  readonly #schedule: Schedule<Ticket>
  /** The attempts of each dial that have not failed, also those that wait */
  readonly #attempts = new WeakMap<object, Set<SlotTaker>>()
  readonly #inFlight = new WeakSet<SlotTaker>()
  /** Dials whose attempts are all speculative */
  readonly #demoted = new WeakSet<object>()
  readonly #tickets = new WeakMap<SlotTaker, Ticket>()

  /** @param max how many speculative attempts are in flight at once */
  constructor (max: number) {
    this.#schedule = new Schedule<Ticket>(max, ticket => { ticket.begin() })
  }

  /** A dial wants the attempt */
  join (attempt: SlotTaker, dial: object): void {
    const attempts = this.#attempts.get(dial) ?? new Set()
    this.#attempts.set(dial, attempts.add(attempt))

    if (this.#isFirst(dial, attempt)) {
      this.#promote(attempt)
    }
  }

  /** Makes every attempt of the dial speculative from now on: another dial has its turn */
  demote (dial: object): void {
    this.#demoted.add(dial)
  }

  /** The attempt has failed, or a dial does not want it any more, or discards its connection */
  leave (attempt: SlotTaker, dial: object): void {
    const attempts = this.#attempts.get(dial)

    if (attempts?.delete(attempt) !== true || !this.#isFirst(dial)) {
      return
    }

    for (const one of attempts) {
      if (this.#promote(one)) {
        return
      }
    }
  }

  /**
   * Runs the task at once where the attempt is the first of a dial, else when there is room
   *
   * @throws the signal's reason when it aborts while the attempt waits; what the task throws
   */
  async run<T> ({ attempt, priority, signal }: SpeculationRequest, task: () => Promise<T>): Promise<T> {
    if (attempt == null) {
      return task()
    }

    if ([...attempt.dials].some(dial => this.#isFirst(dial, attempt))) {
      this.#inFlight.add(attempt)

      return task()
    }

    const ticket = await this.#wait(attempt, priority, signal)

    try {
      signal.throwIfAborted()

      return await task()
    } finally {
      this.#schedule.delete(ticket)
    }
  }

  /** A dial of higher priority wants an attempt that waits */
  raise (attempt: SlotTaker, priority: number): void {
    const ticket = this.#tickets.get(attempt)

    if (ticket != null) {
      this.#schedule.raise(ticket, priority)
    }
  }

  async #wait (attempt: SlotTaker, priority: number, signal: AbortSignal): Promise<Ticket> {
    signal.throwIfAborted()
    // it may have been in flight for a moment, and wait again
    this.#inFlight.delete(attempt)

    return new Promise<Ticket>((resolve, reject) => {
      const ticket: Ticket = {
        priority,
        begin: () => {
          signal.removeEventListener('abort', onAbort)
          this.#tickets.delete(attempt)
          this.#inFlight.add(attempt)
          resolve(ticket)
        }
      }
      const onAbort = (): void => {
        this.#tickets.delete(attempt)
        this.#schedule.delete(ticket)
        reject(signal.reason)
      }

      signal.addEventListener('abort', onAbort, { once: true })
      this.#tickets.set(attempt, ticket)
      this.#schedule.add(ticket)
    })
  }

  /** Lets an attempt begin that waits. Answers whether it did wait */
  #promote (attempt: SlotTaker): boolean {
    const ticket = this.#tickets.get(attempt)

    if (ticket != null) {
      this.#schedule.add(ticket, true)
    }

    return ticket != null
  }

  /** Whether the dial has its turn, and no other attempt in flight */
  #isFirst (dial: object, except?: SlotTaker): boolean {
    return !this.#demoted.has(dial) && ![...this.#attempts.get(dial) ?? []].some(attempt => attempt !== except && this.#inFlight.has(attempt))
  }
}
