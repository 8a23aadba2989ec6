import { DialError } from '@libp2p/interface'

const MAX_DEPTH = 100

/** Limits how deep calls may stand in one another: a stack that overflows throws anywhere, also where a handler is attached */
export class StackGuard {
  #depth = 0

  /** @throws DialError where 100 calls are on the stack */
  run<T> (fn: () => T): T {
    if (this.#depth >= MAX_DEPTH) {
      throw new DialError('Cannot dial: a progress listener dials again for each event of its own dials')
    }

    this.#depth++

    try {
      return fn()
    } finally {
      this.#depth--
    }
  }
}
