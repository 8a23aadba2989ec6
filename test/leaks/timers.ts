import { createHook } from 'node:async_hooks'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { AsyncHook, HookCallbacks } from 'node:async_hooks'

// a promise is no timer, and there are many
const WITHOUT_PROMISES = { trackPromises: false }

/** Milliseconds: yamux keeps a timer of 30 s for a connection that has closed before it was set up, as happens on a busy machine */
const LONGEST = 40_000

/** The timers that were set since it was made. Counts do not tell: a node sets some when it starts, and they end by themselves */
export class Timers {
  readonly #set = new Map<number, NodeJS.Timeout>()
  readonly #hook: AsyncHook

  constructor () {
    const callbacks: HookCallbacks = {
      init: (id, type, _trigger, resource) => {
        if (type === 'Timeout') {
          this.#set.set(id, resource as NodeJS.Timeout)
        }
      },
      destroy: id => { this.#set.delete(id) }
    }

    this.#hook = createHook({ ...callbacks, ...WITHOUT_PROMISES }).enable()
  }

  /** Those that have neither ended nor been cleared, and that keep the process alive */
  get running (): NodeJS.Timeout[] {
    return Array.from(this.#set.values()).filter(timer => timer.hasRef())
  }

  /** Waits until no more than so many run, `timeout` ms at most. Answers for how many ms each was set where more do */
  async left (count: number, timeout = LONGEST): Promise<number[]> {
    const end = performance.now() + timeout

    while (true) {
      // that one has ended is told in a later turn: that of this method itself too
      await setImmediate()
      await setImmediate()

      const { running } = this

      if (running.length <= count) {
        return []
      }

      if (performance.now() > end) {
        return running.map(delay)
      }

      await sleep(5)
    }
  }

  stop (): void {
    this.#hook.disable()
  }
}

function delay (timer: NodeJS.Timeout): number {
  const { _idleTimeout: ms } = timer as NodeJS.Timeout & { _idleTimeout: number }

  return ms
}
