import { nextTurn } from './turns.ts'
import type { Part } from './part.ts'

/** After so many waits the event loop turns: what is awaited may be settled already, and nothing else would ever run */
const PER_TURN = 64

/** Lets the race of a dial sleep until there is something to look at. A notification is never lost */
export class Wake {
  #isTold = false
  #count = 0
  #resume?: () => void

  notify (): void {
    this.#isTold = true
    this.#resume?.()
  }

  /**
   * Resolves when there is news, or at a time
   *
   * @param until - on the dial's clock. Infinity: only news counts
   * @throws the reason for which the part has ended, when that is first
   */
  async wait (part: Part, until: number): Promise<void> {
    part.throwIfEnded()

    if (++this.#count % PER_TURN === 0) {
      await this.#sleep(part, nextTurn)
    }

    if (!this.#isTold) {
      await this.#sleep(part, done => {
        this.#resume = done

        return until === Infinity ? undefined : part.host.clock.setTimeout(done, Math.max(0, until - part.host.clock.now()))
      })
    }

    this.#isTold = false
  }

  /** @param begin has `done` called. What it returns takes that back */
  async #sleep (part: Part, begin: (done: () => void) => (() => void) | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const end = (): void => {
        cancel?.()
        this.#resume = undefined
      }
      const stop = part.onEnd(() => {
        end()
        reject(part.reason)
      })
      const cancel = begin(() => {
        end()
        stop()
        resolve()
      })
    })
  }
}
