import { abortableSource } from 'abortable-iterator'
import { anySignal } from 'any-signal'

/**
 * Makes the waits of any async iterable end with the signal, whether or not its author thought of that. Whichever way
 * iteration ends, the iterable is returned and no listener stays; an abort throws the signal's own reason.
 */
export async function * abortable<T> (source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const clearable = anySignal([signal])
  const iterator = source[Symbol.asyncIterator]()

  try {
    yield * abortableSource({ [Symbol.asyncIterator]: () => ({ next: async () => iterator.next() }) }, clearable)
  } catch (err) {
    throw signal.aborted ? signal.reason : err
  } finally {
    clearable.clear()
    // not awaited: a generator that is parked at an await of its own would hold us up
    iterator.return?.()?.then(undefined, () => {})
  }
}
