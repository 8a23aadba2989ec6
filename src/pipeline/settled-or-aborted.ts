/** @throws the signal's reason when that aborts first: whoever works on the promise may ignore it */
export async function settledOrAborted<T> (promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()

  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => { reject(signal.reason) }
    const stopListening = (): void => { signal.removeEventListener('abort', onAbort) }

    signal.addEventListener('abort', onAbort, { once: true })
    // it may be no promise
    Promise.resolve(promise).then(value => {
      stopListening()
      resolve(value)
    }, error => {
      stopListening()
      reject(error)
    })
  })
}
