/** How many items of one loop are dealt with in one turn of the event loop */
const PER_TURN = 256

/**
 * Lets the event loop turn after every 256 calls. What is awaited in such a loop may be settled already: nothing else would
 * ever run beside it.
 */
export class TurnTaker {
  #count = 0

  /** Undefined: go on at once */
  next (): Promise<void> | undefined {
    return ++this.#count % PER_TURN === 0 ? new Promise(resolve => { nextTurn(resolve) }) : undefined
  }
}

/** Calls once this turn of the event loop is over; what is returned cancels it */
export function nextTurn (fn: () => void): () => void {
  if (typeof setImmediate === 'function') {
    const immediate = setImmediate(fn)

    return () => { clearImmediate(immediate) }
  }

  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    port1.close()
    fn()
  }
  port2.postMessage(undefined)

  return () => { port1.close() }
}
