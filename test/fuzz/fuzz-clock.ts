import { VirtualClock } from '../../src/testing/virtual-clock.ts'

/** The maximum number of timers: a case that comes to rest sets fewer */
const MAX_TIMERS = 30_000

/** The longest delay of a timer of the system */
const MAX_DELAY = 2 ** 31 - 1

/** A virtual clock that treats odd delays as the timers of the system do. It sets no timer after 30,000 have fired */
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
