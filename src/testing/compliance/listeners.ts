/** Counts the listeners that are added to a signal from now on */
export class Listeners {
  readonly #listeners = new Map<unknown, boolean>()

  constructor (signal: AbortSignal) {
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)

    signal.addEventListener = (type: string, listener: any, options?: boolean | AddEventListenerOptions) => {
      this.#listeners.set(listener, typeof options === 'object' && options.once === true)
      add(type, listener, options)
    }
    signal.removeEventListener = (type: string, listener: any, options?: boolean | EventListenerOptions) => {
      this.#listeners.delete(listener)
      remove(type, listener, options)
    }
    add('abort', () => {
      this.#listeners.forEach((isOnce, listener) => { if (isOnce) this.#listeners.delete(listener) })
    })
  }

  get count (): number {
    return this.#listeners.size
  }
}
