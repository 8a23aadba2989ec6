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
