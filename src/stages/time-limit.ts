import { TimeoutError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import type { Clock } from '../pipeline/clock.ts'
import type { ClearableSignal } from 'any-signal'

/** A signal that aborts with another one, and when some time is over. Must be ended */
export class TimeLimit {
  readonly signal: ClearableSignal
  readonly #controller = new AbortController()
  readonly #cancel: () => void

  constructor (ms: number, clock: Clock, outer: AbortSignal) {
    this.signal = anySignal([outer, this.#controller.signal])
    this.#cancel = clock.setTimeout(() => { this.#controller.abort(new TimeoutError(`It took longer than ${ms} ms`)) }, ms)
  }

  /** Whether the time was over before anything else ended it */
  get isOver (): boolean {
    return this.#controller.signal.aborted
  }

  end (): void {
    this.#cancel()
    this.signal.clear()
  }
}
