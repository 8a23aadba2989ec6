/** A signal of which it is known how many listen to it */
export class WatchedSignal {
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #listeners = new Map<unknown, boolean>()

  constructor () {
    const { signal } = this.#controller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    this.signal = signal

    signal.addEventListener = (type: string, listener: any, options?: boolean | AddEventListenerOptions) => {
      this.#listeners.set(listener, typeof options === 'object' && options.once === true)
      add(type, listener, options)
    }
    signal.removeEventListener = (type: string, listener: any, options?: boolean | EventListenerOptions) => {
      this.#listeners.delete(listener)
      remove(type, listener, options)
    }
  }

  get listeners (): number {
    return this.#listeners.size
  }

  abort (reason: unknown): void {
    this.#controller.abort(reason)

    for (const [listener, once] of this.#listeners) {
      if (once) {
        this.#listeners.delete(listener)
      }
    }
  }
}
