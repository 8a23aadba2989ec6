import type { Work } from './react.ts'

const scheduled = new WeakSet<Work>()

/** Says `changed()` once this turn of the event loop is over, however often it is called in it */
export function tick (work: Work): void {
  if (scheduled.has(work)) {
    return
  }

  scheduled.add(work)
  nextTurn(() => {
    scheduled.delete(work)
    work.changed()
  })
}

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

function nextTurn (fn: () => void): void {
  if (typeof setImmediate === 'function') {
    setImmediate(fn)
    return
  }

  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    port1.close()
    fn()
  }
  port2.postMessage(undefined)
}
