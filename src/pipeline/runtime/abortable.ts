import { abortableSource } from 'abortable-iterator'
import { anySignal } from 'any-signal'
import { toError } from '../errors.ts'
import { TurnTaker } from './turns.ts'

/**
 * Makes the waits of any async iterable end with the signal, whether or not its author thought of that, and lets the event
 * loop turn now and then where it never waits. Whichever way iteration ends, the iterable is returned and no listener stays;
 * an abort throws the signal's own reason, and what the iterable throws is thrown as an Error.
 *
 * @param asError makes an Error of what the iterable throws
 */
export async function * abortable<T> (source: AsyncIterable<T>, signal: AbortSignal, asError: (thrown: unknown) => Error = toError): AsyncGenerator<T> {
  const clearable = anySignal([signal])
  const iterator = source[Symbol.asyncIterator]()
  const turns = new TurnTaker()

  async function next (): Promise<IteratorResult<T>> {
    try {
      return await iterator.next()
    } catch (err) {
      // abortable-iterator reads properties of what is thrown, which may be null
      throw asError(err)
    }
  }

  try {
    for await (const one of abortableSource({ [Symbol.asyncIterator]: () => ({ next }) }, clearable)) {
      yield one

      const turn = turns.next()

      if (turn != null) {
        await turn
      }
    }
  } catch (err) {
    throw signal.aborted ? signal.reason : err
  } finally {
    clearable.clear()
    leave(iterator)
  }
}

/** Not awaited: a generator that is parked at an await of its own would hold us up */
function leave (iterator: AsyncIterator<unknown>): void {
  try {
    iterator.return?.()?.then(undefined, () => {})
  } catch {
    // a source that cannot be closed is no reason not to leave it
  }
}
