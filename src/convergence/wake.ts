/** Lets one waiter sleep until it is told that there is something to look at. A notification is never lost */
export class Wake {
  #notified = false
  #resume?: () => void

  notify (): void {
    this.#notified = true
    this.#resume?.()
  }

  /** @throws the signal's reason when it aborts first */
  async wait (signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()

    if (!this.#notified) {
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => {
          this.#resume = undefined
          reject(signal.reason)
        }

        this.#resume = () => {
          this.#resume = undefined
          signal.removeEventListener('abort', onAbort)
          resolve()
        }

        signal.addEventListener('abort', onAbort, { once: true })
      })
    }

    this.#notified = false
  }
}
