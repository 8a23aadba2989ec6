import { recordFailure } from './last-dial.ts'
import { recordOutcome } from './record-outcome.ts'
import type { Attempted } from '../../history/history.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { Logger } from '@libp2p/interface'

/** What the node hears of one attempt: its outcome once. Never throws: where a transport has settled, nobody could handle it */
export class AttemptReport {
  readonly #candidate: Candidate
  readonly #components: DialComponents
  readonly #log: Logger
  #isDone = false

  constructor (candidate: Candidate, components: DialComponents, log: Logger) {
    this.#candidate = candidate
    this.#components = components
    this.#log = log
  }

  /** The outcome was recorded, or says nothing of the address */
  get isDone (): boolean {
    return this.#isDone
  }

  /** Records the outcome, unless one is recorded */
  record (outcome: Omit<Attempted, 'candidate'>): void {
    if (!this.#isDone) {
      this.#isDone = true
      this.#safely(() => { recordOutcome(this.#components, { candidate: this.#candidate, ...outcome }) })
    }
  }

  /** Records no outcome from now on */
  skip (): void {
    this.#isDone = true
  }

  /** Notes the time of a failure in the peer store, as libp2p's own dialer does */
  recordFailure (): void {
    this.#safely(() => { recordFailure(this.#candidate, this.#components) })
  }

  #safely (fn: () => void): void {
    try {
      fn()
    } catch (err) {
      this.#log.error('could not record the outcome of the dial to %s - %e', this.#candidate.id, err)
    }
  }
}
