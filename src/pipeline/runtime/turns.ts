/** The number of items that one loop processes in a turn of the event loop */
const PER_TURN = 256

/**
 * Gives the event loop a turn after every 256 items of a loop. If all awaited promises are settled already, no other code would run during the
 * loop.
 */
export class TurnTaker {
  #count = 0

  /** Counts an item. Undefined: go on at once */
  next (): Promise<void> | undefined {
    return ++this.#count % PER_TURN === 0 ? new Promise(resolve => { nextTurn(resolve) }) : undefined
  }
}

/** Calls `fn` after this turn of the event loop. Returns a function that cancels the call */
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
