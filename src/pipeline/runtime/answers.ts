import { abortableSource } from 'abortable-iterator'
import { anySignal } from 'any-signal'
import { abbreviate, isCandidate, isOversized, peerOf, TOO_LONG } from '../candidate.ts'
import { describeValue, ignoreRejections } from '../describe-value.ts'
import { InvalidStageOutputError, toError } from '../errors.ts'
import { callGuarded } from '../foreign-promises.ts'
import { nextTurn } from '../clock.ts'
import type { StageWork } from './work.ts'
import type { Candidate } from '../types.ts'

/**
 * Returns the answer of a stage without addresses that are too long
 *
 * @throws InvalidStageOutputError if the answer is not an array of candidates of the dial's peer, or has one twice
 */
export function checkAnswer (answer: unknown, given: readonly Candidate[], work: StageWork): readonly Candidate[] {
  if (!Array.isArray(answer)) {
    ignoreRejections(answer)
    throw new InvalidStageOutputError(work.stage, `answered ${describeValue(answer)} where an array of candidates was expected`)
  }

  const known = new Set(given)
  const seen = new Set<string>()

  // the spread turns the holes of a sparse array into undefined, which filter() would skip
  return [...answer].filter((candidate: Candidate) => {
    const isNew = !known.has(candidate)

    if (isNew) {
      checkCandidate(candidate, answer, work)
    }

    if (seen.has(candidate.id)) {
      throw new InvalidStageOutputError(work.stage, `answered ${candidate.id} twice in one list`)
    }

    seen.add(candidate.id)

    if (isNew && isOversized(candidate.multiaddr)) {
      work.drop(abbreviate(candidate), TOO_LONG)

      return false
    }

    return !isNew || work.mayAdd(candidate)
  })
}

function checkCandidate (candidate: Candidate, answer: readonly unknown[], { stage, target: { peerId } }: StageWork): void {
  if (!isCandidate(candidate)) {
    ignoreRejections(answer)
    throw new InvalidStageOutputError(stage, `answered ${describeValue(candidate)} as a candidate: make candidates with candidate()`)
  }

  const peer = peerOf(candidate.multiaddr)

  if (peerId != null && peer !== undefined && peer !== peerId.toString()) {
    throw new InvalidStageOutputError(stage, `answered ${candidate.id}, an address of another peer than ${peerId.toString()}`)
  }
}

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
    // not awaited: a generator that waits for something else would block the dial. A failure must not fail the dial
    callGuarded(() => iterator.return?.(), () => {})
  }
}

/** Takes the items of an async iterable that a stage has answered */
export interface Taker<T> {
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
