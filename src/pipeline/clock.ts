/** The only way to read or wait for time. Tests and the simulator inject a virtual one */
export interface Clock {
  /** Milliseconds since the epoch; never goes backwards */
  now (): number
  /** Runs `fn` once, when `now()` has advanced by `ms` milliseconds, and never before; the answer cancels it */
  setTimeout (fn: () => void, ms: number): () => void
}

/** The longest that a timer of the system can be set for, 24.8 days: one for longer would fire at once */
const MAXIMUM_TIMEOUT = 2 ** 31 - 1

/**
 * Makes a clock of timers that may fire early. The timers of Node.js and of browsers count whole milliseconds, and fire up to one early by
 * a clock that counts fractions
 */
export function punctualClock (clock: Clock): Clock {
  return {
    now: () => clock.now(),
    setTimeout: (fn, ms) => {
      const due = clock.now() + ms
      let cancel = clock.setTimeout(fire, ms)

      function fire (): void {
        const rest = due - clock.now()

        if (rest > 0) {
          cancel = clock.setTimeout(fire, rest)
        } else {
          fn()
        }
      }

      return () => { cancel() }
    }
  }
}

/** Never changes, and is looked up at each call otherwise */
const { timeOrigin } = performance

const now = (): number => timeOrigin + performance.now()

export const systemClock: Clock = punctualClock({
  now,
  setTimeout: (fn, ms) => {
    // a timer of 0 ms takes a whole one
    if (ms <= 0 && typeof setImmediate === 'function') {
      const turn = setImmediate(fn)

      return () => { clearImmediate(turn) }
    }

    const timer = setTimeout(fn, Math.min(ms, MAXIMUM_TIMEOUT))

    return () => { clearTimeout(timer) }
  }
})

/** Milliseconds since the epoch. Goes on while the machine sleeps, and jumps when somebody sets it */
export const wallTime = (): number => Date.now()

/** The system's clock, for timers that do not keep a process alive */
export const backgroundClock: Clock = punctualClock({
  now,
  setTimeout: (fn, ms) => {
    const timer: { unref?: () => void } = setTimeout(fn, Math.min(ms, MAXIMUM_TIMEOUT))
    // a number in browsers
    timer.unref?.()

    return () => { clearTimeout(timer as ReturnType<typeof setTimeout>) }
  }
})

/**
 * Resolves after `ms` milliseconds
 *
 * @throws the signal's reason when it aborts first
 */
export async function sleep (ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()

  await new Promise<void>((resolve, reject) => {
    const cancel = clock.setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)

    function onAbort (): void {
      cancel()
      reject(signal.reason)
    }

    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** A millisecond that was doubled so often is longer than any timer */
const MAX_DOUBLINGS = 31

/** Returns a delay that is doubled by each of so many tries, in milliseconds. 0 stays 0: `0 * 2 ** 1024` would be no number */
export function doubledDelay (delay: number, tries: number): number {
  return delay * 2 ** Math.min(tries, MAX_DOUBLINGS)
}

/** Milliseconds for which an answer of the node about itself counts */
const FRESH = 1_000

/** What takes long to find out: found anew when a second has passed */
export class Fresh<T> {
  readonly #clock: Pick<Clock, 'now'>
  readonly #find: () => T
  #known?: { readonly at: number, readonly value: T }

  constructor (clock: Pick<Clock, 'now'>, find: () => T) {
    this.#clock = clock
    this.#find = find
  }

  get value (): T {
    const now = this.#clock.now()

    if (this.#known == null || now >= this.#known.at + FRESH) {
      this.#known = { at: now, value: this.#find() }
    }

    return this.#known.value
  }
}

/** Whether a time has come. Most times are Infinity: the clock is not asked for those */
export function isPast (time: number, clock: Pick<Clock, 'now'>): boolean {
  return time < Infinity && time <= clock.now()
}
