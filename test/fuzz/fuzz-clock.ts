import { VirtualClock } from '../../src/testing/virtual-clock.ts'

/** More timers than fire in any case that comes to rest */
const MAX_TIMERS = 30_000

/** The longest time that a timer of the system is set for */
const MAX_DELAY = 2 ** 31 - 1

/** A virtual clock that reads odd delays as the system's timers do, and that sets no timer after 30,000 have fired */
export class FuzzClock extends VirtualClock {
  #fired = 0

  get isExhausted (): boolean {
    return this.#fired > MAX_TIMERS
  }

  override setTimeout (fn: () => void, ms: unknown): () => void {
    if (this.isExhausted) {
      return () => {}
    }

    const delay = Number(ms)

    return super.setTimeout(() => {
      this.#fired++
      fn()
    }, Number.isNaN(delay) ? 1 : Math.min(delay, MAX_DELAY))
  }
}

/** Never settles */
export async function never (): Promise<never> {
  return new Promise(() => {})
}
