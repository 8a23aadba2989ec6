import { callGuarded } from '../../pipeline/foreign-promises.ts'
import type { EventHandler } from 'main-event'

/** Wraps the listeners of a dialer, so that what one throws or rejects with is logged: Node.js would end the process */
export class GuardedListeners {
  readonly #guarded = new WeakMap<object, (event: any) => void>()
  readonly #onError: (err: unknown) => void

  constructor (onError: (err: unknown) => void) {
    this.#onError = onError
  }

  /** Returns the same function each time for a listener: it is removed by that */
  of<E extends Event> (listener: EventHandler<E> | null): EventHandler<E> | null {
    if (listener == null) {
      return listener
    }

    const guarded = this.#guarded.get(listener) ?? ((event: E): void => { callGuarded(() => typeof listener === 'function' ? listener(event) : listener.handleEvent(event), this.#onError) })
    this.#guarded.set(listener, guarded)
    // a listener for one event removes the function that was registered
    this.#guarded.set(guarded, guarded)

    return guarded
  }
}
