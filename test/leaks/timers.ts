import { createHook } from 'node:async_hooks'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { AsyncHook, HookCallbacks } from 'node:async_hooks'

// promises are not timers, and there are many
const WITHOUT_PROMISES = { trackPromises: false }

/** Milliseconds: yamux keeps a 30 s timer for a connection that closes during its setup, as happens on a busy machine */
const LONGEST = 40_000

/** Records the timers that are set from now on. Counts alone are not enough: a node sets some at its start, and they end by themselves */
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

  /** The timers that have neither ended nor been cleared, and that keep the process alive */
  get running (): NodeJS.Timeout[] {
    return Array.from(this.#set.values()).filter(timer => timer.hasRef())
  }

  /** Waits up to `timeout` ms until at most `count` timers run. If there are more, returns the delay of each in milliseconds */
  async left (count: number, timeout = LONGEST): Promise<number[]> {
    const end = performance.now() + timeout

    while (true) {
      // Node.js reports the end of a timer in a later turn, including that of this method
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
