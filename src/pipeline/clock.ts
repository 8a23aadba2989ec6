/** The source of time for all code of a dial. Tests and the simulator pass a virtual one */
export interface Clock {
  /** Returns milliseconds since the epoch. Never goes backwards */
  now (): number
  /** Calls `fn` once, when `now()` has advanced by `ms` milliseconds and never before. Returns a function that cancels the call */
  setTimeout (fn: () => void, ms: number): () => void
}

/** The longest delay of a system timer, 24.8 days: a longer one would fire at once */
const MAX_TIMEOUT = 2 ** 31 - 1

/**
 * Returns a clock whose timers never fire early. The timers of Node.js and of browsers count whole milliseconds, and fire up to one millisecond
 * early by a clock with fractions
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

// `timeOrigin` is read once: its getter is slow and its value never changes
const { timeOrigin } = performance

const now = (): number => timeOrigin + performance.now()

function setTimer (fn: () => void, ms: number, isBackground: boolean): () => void {
  // setTimeout() rounds 0 ms up to 1, setImmediate() waits for the next turn only
  if (ms <= 0 && !isBackground && typeof setImmediate === 'function') {
    const turn = setImmediate(fn)

    return () => { clearImmediate(turn) }
  }

  const timer: ReturnType<typeof setTimeout> & { unref?: () => void } = setTimeout(fn, Math.min(ms, MAX_TIMEOUT))

  if (isBackground) {
    // browsers return a number, which has no unref()
    timer.unref?.()
  }

  return () => { clearTimeout(timer) }
}

export const systemClock: Clock = punctualClock({ now, setTimeout: (fn, ms) => setTimer(fn, ms, false) })

/** Returns the wall time in milliseconds since the epoch. It advances while the machine sleeps, and jumps when the system time is set */
export const wallTime = (): number => Date.now()

/** The system clock with timers that do not keep a process alive */
export const backgroundClock: Clock = punctualClock({ now, setTimeout: (fn, ms) => setTimer(fn, ms, true) })

/**
 * Waits `ms` milliseconds
 *
 * @throws the reason of the signal when the signal aborts first
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

/** The maximum number of doublings: 2 ** 31 ms is longer than any timer */
const MAX_DOUBLINGS = 31

/** Returns a delay doubled `tries` times, in milliseconds. The cap keeps 0 at 0: `0 * 2 ** 1024` is NaN */
export function doubledDelay (delay: number, tries: number): number {
  return delay * 2 ** Math.min(tries, MAX_DOUBLINGS)
}

const FRESH = 1_000

/** A value that is slow to compute, cached for one second */
export class CachedValue<T> {
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

/** Returns whether a time has come. Most times are Infinity, for which reading the clock is skipped */
export function isPast (time: number, clock: Pick<Clock, 'now'>): boolean {
  return time < Infinity && time <= clock.now()
}

/** Calls `fn` after this turn of the event loop. Returns a function that cancels the call */
export function nextTurn (fn: () => void): () => void {
  if (typeof setImmediate === 'function') {
    const immediate = setImmediate(fn)

    return () => { clearImmediate(immediate) }
  }

  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    port1.close()
    fn()
  }
  port2.postMessage(undefined)

  return () => { port1.close() }
}
