import { abortableSource } from 'abortable-iterator'
import { anySignal } from 'any-signal'
import { toError } from '../errors.ts'
import { TurnTaker } from './turns.ts'
import type { StageDial } from './stage-dial.ts'
import type { StageWork } from './work.ts'

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

/** Takes what comes of an async iterable that a stage was answered */
export interface Taker<T> {
  /** @throws for what is no item */
  read (one: unknown): T
  /** Whether so many have to be taken before the next is read */
  isFull (count: number): boolean
  /** Takes some, and returns whether more may be read */
  take (some: T[]): boolean
}

/** Has each item taken, also where a later one fails. Those of one turn of the event loop are taken together, so that they stand in one list */
export async function takeAll<T> (source: AsyncIterable<unknown>, { signal }: StageDial, work: StageWork, taker: Taker<T>): Promise<void> {
  const arrived: T[] = []
  const takeArrived = (): boolean => taker.take(arrived.splice(0))

  try {
    for await (const one of abortable(source, signal)) {
      arrived.push(taker.read(one))

      if (taker.isFull(arrived.length) && !takeArrived()) {
        break
      }

      work.tellSoon(takeArrived)
    }
  } finally {
    takeArrived()
  }
}
