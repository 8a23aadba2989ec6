import { AbortError } from '@libp2p/interface'
import type { Awaited } from '../../pipeline/runtime/dial-host.ts'
import type { Part } from '../../pipeline/runtime/part.ts'

/** The reason of a run that has ended by itself */
export const ENDED = new AbortError('The dial has ended')

/** When and why the run of a dial is over, and what it waited for */
export class DialEnd {
  /** When the dial was over: attempts that go on are on their way out */
  at?: number
  /** The lists of the race that looked last */
  lists?: Awaited
  /** The error for callers whose time is over */
  timeoutError?: Error
  readonly #part: Part
  /** The stages that had something pending at the end */
  #unanswered?: readonly string[]

  constructor (part: Part) {
    this.#part = part
  }

  get reason (): unknown { return this.#part.reason }

  /** The stages that have something pending, by name, and where the dial ended without a connection, those that had */
  get awaited (): readonly string[] { return this.#unanswered ?? this.lists?.awaited ?? [] }

  /** The stages that have let an address neither pass nor go, by its identity */
  get held (): ReadonlyMap<string, string> | undefined { return this.lists?.held }

  /** Something outside has ended the dial, such as the signal of its last caller. The time of its callers is its own */
  get isAborted (): boolean { return this.at != null && this.reason !== ENDED && this.reason !== this.timeoutError }

  end (reason: unknown, hasConnection: boolean): void {
    if (this.at == null) {
      // now: what is pending ends with the dial
      this.#unanswered = hasConnection ? [] : this.awaited
      this.at = this.#part.clock.now()
      this.#part.end(reason)
    }
  }
}
