import { abortableSource } from 'abortable-iterator'
import { anySignal } from 'any-signal'
import { toError } from '../errors.ts'
import { nextTurn } from '../clock.ts'
import type { StageWork } from './work.ts'

/** The event loop gets a turn after this many items: if every awaited promise is settled already, no other code would run */
const PER_TURN = 256

/**
 * Iterates over any async iterable until the signal aborts, even if its author ignores signals. Every 256 items the event loop gets a turn. However
 * the iteration ends, `return()` of the iterator is called and no listener remains. An abort throws the reason of the signal.
 *
 * @param asError turns what the iterable throws into an Error
 */
export async function * abortable<T> (source: AsyncIterable<T>, signal: AbortSignal, asError: (thrown: unknown) => Error = toError): AsyncGenerator<T> {
  const clearable = anySignal([signal])
  const iterator = source[Symbol.asyncIterator]()
  let count = 0

  async function next (): Promise<IteratorResult<T>> {
    try {
      return await iterator.next()
    } catch (err) {
      // abortable-iterator reads properties of the error, which may be null
      throw asError(err)
    }
  }

  try {
    for await (const one of abortableSource({ [Symbol.asyncIterator]: () => ({ next }) }, clearable)) {
      yield one

      if (++count % PER_TURN === 0) {
        await new Promise<void>(resolve => { nextTurn(resolve) })
      }
    }
  } catch (err) {
    throw signal.aborted ? signal.reason : err
  } finally {
    clearable.clear()
    leave(iterator)
  }
}

/** Calls `return()` without awaiting it: a generator that waits for something else would block the dial */
function leave (iterator: AsyncIterator<unknown>): void {
  try {
    iterator.return?.()?.then(undefined, () => {})
  } catch {
    // a failed `return()` must not fail the dial
  }
}

/** Takes the items of an async iterable that a stage has answered */
export interface Taker<T> {
  /** Checks an item. @throws for an item of a wrong type */
  read (one: unknown): T
  /** Returns whether `count` items must be taken before the next one is read */
  isFull (count: number): boolean
  /** Takes items, and returns whether more may be read */
  take (some: T[]): boolean
}

/** Takes all items, also those before an error. The items of one turn of the event loop are taken together, so that they enter the same list */
export async function takeAll<T> (source: AsyncIterable<unknown>, work: StageWork, taker: Taker<T>): Promise<void> {
  const arrived: T[] = []
  const takeArrived = (): boolean => taker.take(arrived.splice(0))

  try {
    for await (const one of abortable(source, work.signal)) {
      arrived.push(taker.read(one))

      if (taker.isFull(arrived.length) && !takeArrived()) {
        break
      }

      work.notifySoon(takeArrived)
    }
  } finally {
    takeArrived()
  }
}
