import { readPeerId } from '../../address/peer-id.ts'
import { failureOf, isOwnFailure } from '../../history/failure.ts'
import { recorderOf } from '../../history/recorder.ts'
import { isWrongPeer } from '../../pipeline/errors.ts'
import { recordFailure } from './last-dial.ts'
import type { Attempted } from '../../history/recorder.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { Logger } from '@libp2p/interface'

type AttemptOutcome = Omit<Attempted, 'candidate'>

/** Tells the node's history and its address book how one attempt ended, once. Never throws: where a transport has settled, nobody could handle it */
export class OutcomeRecorder {
  /** The outcome was recorded, or says nothing of the address */
  isDone = false
  readonly #candidate: Candidate
  readonly #components: DialComponents
  readonly #log: Logger

  constructor (candidate: Candidate, components: DialComponents, log: Logger) {
    this.#candidate = candidate
    this.#components = components
    this.#log = log
  }

  /** Records the outcome, unless one is recorded */
  record (outcome: AttemptOutcome): void {
    if (!this.isDone) {
      this.isDone = true
      this.#safely(() => { this.#record(outcome) })
    }
  }

  /** Records no outcome from now on */
  skip (): void {
    this.isDone = true
  }

  /** Notes the time of a failure in the peer store, as libp2p's own dialer does */
  recordFailure (): void {
    this.#safely(() => { recordFailure(this.#candidate, this.#components) })
  }

  #record (outcome: AttemptOutcome): void {
    const { history, addressBook } = this.#components
    const candidate = this.#candidate
    const { error, isCancelled, startedAt, firstResponseAt, endedAt } = outcome
    recorderOf(history).attempted?.({ candidate, ...outcome })

    if (addressBook == null || isCancelled || (error != null && isOwnFailure(failureOf(error, endedAt - startedAt, firstResponseAt != null)))) {
      return
    }

    addressBook.attempted?.(candidate, error == null ? 'connected' : 'failed')
    const peer = error != null && isWrongPeer(error) ? readPeerId(candidate.facts.peer ?? '') : undefined

    if (peer != null) {
      addressBook.refute?.(peer, candidate.multiaddr)
    }
  }

  #safely (fn: () => void): void {
    try {
      fn()
    } catch (err) {
      this.#log.error('could not record the outcome of the dial to %s - %e', this.#candidate.id, err)
    }
  }
}
