import { AbortError } from '@libp2p/interface'
import type { PendingWork } from '../../pipeline/runtime/dial-host.ts'
import type { Part } from '../../pipeline/runtime/part.ts'

/** The reason of a run that has ended by itself */
export const ENDED = new AbortError('The dial has ended')

/** The end of a dial's run: its time, its reason and the pending stages */
export class DialEnd {
  /** Time of the end. Cancelled attempts may end later */
  at?: number
  /** The lists of the last race */
  lists?: PendingWork
  /** The error of callers that have timed out */
  timeoutError?: Error
  readonly #part: Part
  /** The stages that were pending at the end */
  #unanswered?: readonly string[]

  constructor (part: Part) {
    this.#part = part
  }

  get reason (): unknown { return this.#part.reason }

  /** The names of the pending stages. After a dial without a connection: those that were pending at its end */
  get awaited (): readonly string[] { return this.#unanswered ?? this.lists?.awaited ?? [] }

  /** The names of the stages that hold an address, neither keeping nor dropping it, by address id */
  get held (): ReadonlyMap<string, string> | undefined { return this.lists?.held }

  /** Whether something outside has ended the dial, such as the signal of its last caller. A timeout of the callers does not count */
  get isAborted (): boolean { return this.at != null && this.reason !== ENDED && this.reason !== this.timeoutError }

  end (reason: unknown, hasConnection: boolean): void {
    if (this.at == null) {
      // read before the end, because the end clears it
      this.#unanswered = hasConnection ? [] : this.awaited
      this.at = this.#part.clock.now()
      this.#part.end(reason)
    }
  }
}
