import { Schedule } from '../attempts/schedule.ts'
import { LingeringDials } from './lingering.ts'
import type { Connection } from '@libp2p/interface'
import type { DialPipelineOptions } from '../../pipeline/types.ts'
import type { Attempts } from '../attempts/attempts.ts'
import type { Caller } from './caller.ts'
import type { Dialing } from './dialing.ts'
import type { ParsedTarget } from './target.ts'

/** What becomes of a dial that callers wait for */
export interface DialWatcher {
  added (): void
  active (): void
  /** It is not pending any more */
  settled (dial: Dialing, outcome: DialOutcome): void
}

export type DialOutcome = { readonly connection: Connection } | { readonly error: unknown }

/** The dials of a node that are not over: who waits, who runs, and who may be joined */
export class DialRegister {
  /** Dials that callers wait for, in the order in which they were asked for */
  readonly pending = new Set<Dialing>()
  /** Dials whose pipeline has not ended: it may go on after the callers have their connection */
  readonly running = new Set<Dialing>()
  /** Is told what happens to pending dials */
  watcher?: DialWatcher
  /** Whose turn it is */
  readonly schedule: Schedule<Dialing>
  /** Those of `running` that are not pending, and have not ended */
  readonly lingering: LingeringDials
  readonly #attempts: Attempts
  /** By join key, and what they lead to */
  readonly #joinable = new Map<string, Map<string, Dialing>>()
  readonly #onIdle = new Set<() => void>()
  #pendingRuns = 0

  /**
   * @param max how many dials run at once, and how many go on when their callers have a connection
   * @param begin called when the turn of a dial has come
   */
  constructor (max: number, attempts: Attempts, begin: (dial: Dialing) => void) {
    this.schedule = new Schedule(max, begin)
    this.lingering = new LingeringDials(max)
    this.#attempts = attempts
  }

  /** How many of the pending dials run */
  get pendingRuns (): number {
    return this.#pendingRuns
  }

  /** How many dials run, how many wait for their turn, and how many go on for a better connection */
  get usage (): { readonly running: number, readonly waiting: number, readonly lingering: number } {
    return { running: this.#pendingRuns, waiting: this.pending.size - this.#pendingRuns, lingering: this.lingering.size }
  }

  isPending (dial: object): dial is Dialing {
    return this.pending.has(dial as Dialing)
  }

  /** The pending dial of the same join key that a caller can join: of the same peer, or, where no peer is known, of the very same addresses */
  find (requested: ParsedTarget, joinKey: string): Dialing | undefined {
    return this.#joinable.get(joinKey)?.get(placeOf(requested))
  }

  add (dial: Dialing, caller: Caller): void {
    const isNew = !this.pending.has(dial)
    dial.add(caller)
    this.pending.add(dial)
    const joinable = this.#joinable.get(dial.joinKey) ?? new Map<string, Dialing>()
    const place = placeOf(caller.requested)
    this.#joinable.set(dial.joinKey, joinable)

    if (!joinable.has(place)) {
      joinable.set(place, dial)
    }

    // last: whoever listens may end the dial
    if (isNew) {
      this.watcher?.added()
    }
  }

  /** Has a dial wait for its turn. One that a running attempt needs begins at once, and takes no slot */
  enqueue (dial: Dialing): void {
    // whoever listens to the queue has ended it
    if (!this.pending.has(dial)) {
      return
    }

    if (dial.isNested && !dial.isCharged) {
      dial.isCharged = true
      // those that it has begun already
      this.#attempts.charge(dial)
    }

    // whoever listens to the queue may join a dial in the moment that it begins
    if (!this.running.has(dial)) {
      this.schedule.add(dial, dial.isNested)

      // it waits. One that was joined may be joined again, and keeps what each of those asks for
      if (dial.callers.size === 1 && this.pending.has(dial) && !this.running.has(dial)) {
        dial.requested.shrink()
      }
    }
  }

  /** Moves a dial forward, and those that are made for it: they are a few deep */
  raise (dial: Dialing, priority: number): void {
    if (priority > dial.priority) {
      this.schedule.raise(dial, priority)
      this.#attempts.raise(dial)
      this.running.forEach(nested => {
        if (isMadeFor(nested, dial)) {
          this.raise(nested, priority)
        }
      })
    }
  }

  began (dial: Dialing): void {
    this.running.add(dial)
    this.#pendingRuns++
    this.watcher?.active()
  }

  /** Nobody can join it any more, and another may run in its place */
  settled (dial: Dialing, outcome: DialOutcome): void {
    const wasPending = this.#remove(dial)
    this.#checkIdle()

    if (wasPending) {
      this.watcher?.settled(dial, outcome)
    }
  }

  /** Takes out a dial that has not begun, and calls a function that gives its callers others */
  replace (dial: Dialing, giveOthers: () => void): void {
    this.#remove(dial)
    giveOthers()
    this.#checkIdle()
  }

  /** How many dials run at once from now on */
  set max (max: number) {
    this.schedule.max = max
    this.lingering.max = max
  }

  /** Its pipeline has ended */
  ended (dial: Dialing): void {
    this.running.delete(dial)
    this.#checkIdle()
  }

  /** Whether a dial has made a connection, and neither yielded nor discarded it */
  isUndecided (connection: Connection): boolean {
    return [...this.running].some(({ run }) => run?.unclaimed.has(connection) === true)
  }

  /** Resolves when no dial is pending and no pipeline runs */
  async idle (): Promise<void> {
    if (this.pending.size > 0 || this.running.size > 0) {
      await new Promise<void>(resolve => { this.#onIdle.add(resolve) })
    }
  }

  #remove (dial: Dialing): boolean {
    const wasPending = this.pending.delete(dial)
    this.#pendingRuns -= wasPending && this.running.has(dial) ? 1 : 0
    const joinable = this.#joinable.get(dial.joinKey)
    const place = placeOf(dial.requested)

    if (joinable?.get(place) === dial) {
      joinable.delete(place)
    }

    if (joinable?.size === 0) {
      this.#joinable.delete(dial.joinKey)
    }

    // last: the next begins
    this.schedule.delete(dial)

    return wasPending
  }

  #checkIdle (): void {
    if (this.pending.size === 0 && this.running.size === 0) {
      this.#onIdle.forEach(resolve => { resolve() })
      this.#onIdle.clear()
    }
  }
}

/** Whether an attempt of one dial waits for another */
function isMadeFor ({ callers }: Dialing, dial: Dialing): boolean {
  return [...callers].some(({ madeFor }) => madeFor != null && [...madeFor.dials].includes(dial))
}

/** Addresses without a peer may lead to several: whoever asks for one of them is not given another */
function placeOf ({ peer, multiaddrs }: ParsedTarget): string {
  return peer ?? [...new Set(multiaddrs.map(String))].toSorted().join(' ')
}

/** The parts of a join key beside libp2p's options */
export interface JoinKeyInit {
  /** The number of the pipeline */
  readonly pipeline: number
  /** The key of the declared options */
  readonly declared: string
  /** The dial connects to the relay of an address */
  readonly isOfRelay: boolean
  /** The key of what the dial inherits, where it is made for others */
  readonly inherited?: string
}

/** Returns the text that dials of the same peer have in common if they are one dial */
export function joinKeyOf ({ force, initiator, runOnLimitedConnection }: DialPipelineOptions, { pipeline, declared, isOfRelay, inherited }: JoinKeyInit): string {
  return `${pipeline}${force === true ? ' force' : ''}${initiator === false ? ' responder' : ''}${runOnLimitedConnection === true ? ' limited' : ''}${isOfRelay ? ' relay' : ''}${declared}${inherited == null ? '' : ` for ${inherited}`}`
}
