import { callGuarded } from '../../pipeline/foreign-promises.ts'
import type { EventHandler } from 'main-event'

/** Wraps the listeners of a dialer, and logs what they throw or reject with. Node.js would end the process otherwise */
export class GuardedListeners {
  readonly #guarded = new WeakMap<object, (event: any) => void>()
  readonly #onError: (err: unknown) => void

  constructor (onError: (err: unknown) => void) {
    this.#onError = onError
  }

  /** Returns the wrapper of a listener: always the same function, so that it can be removed */
  of<E extends Event> (listener: EventHandler<E> | null): EventHandler<E> | null {
    if (listener == null) {
      return listener
    }

    const guarded = this.#guarded.get(listener) ?? ((event: E): void => { callGuarded(() => typeof listener === 'function' ? listener(event) : listener.handleEvent(event), this.#onError) })
    this.#guarded.set(listener, guarded)
    // a listener with `once` is removed by its wrapper
    this.#guarded.set(guarded, guarded)

    return guarded
  }
}
