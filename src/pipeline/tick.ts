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
