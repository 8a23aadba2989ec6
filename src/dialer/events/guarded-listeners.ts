import { InvalidParametersError } from '@libp2p/interface'
import { checkValue } from '../../pipeline/check-options.ts'
import { callGuarded } from '../../pipeline/foreign-promises.ts'
import type { OptionKind } from '../../pipeline/option-kinds.ts'
import type { EventHandler } from 'main-event'

const LISTENER: OptionKind = {
  expected: 'a function or an object with handleEvent() as listener',
  test: value => typeof value === 'function' || typeof (value as Partial<EventListenerObject> | null)?.handleEvent === 'function'
}

const ignore = (): void => {}

/** Wraps the listeners of a dialer, and logs what they throw or reject with. Node.js would end the process otherwise */
export class GuardedListeners {
  readonly #guarded = new WeakMap<object, (event: any) => void>()
  readonly #onError: (err: unknown) => void

  constructor (onError: (err: unknown) => void) {
    this.#onError = onError
  }

  /**
   * Returns the wrapper of a listener: always the same function, so that it can be removed
   *
   * @throws InvalidParametersError for a value that is no listener
   */
  of<E extends Event> (listener: EventHandler<E> | null): EventHandler<E> {
    // main-event would call null, where an EventTarget ignores it
    if (listener == null) {
      return ignore
    }

    checkValue('The dialer', listener, LISTENER, InvalidParametersError)

    const guarded = this.#guarded.get(listener) ?? ((event: E): void => { callGuarded(() => typeof listener === 'function' ? listener(event) : listener.handleEvent(event), this.#onError) })
    this.#guarded.set(listener, guarded)
    // a listener with `once` is removed by its wrapper
    this.#guarded.set(guarded, guarded)

    return guarded
  }
}
