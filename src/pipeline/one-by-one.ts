import { isCandidate } from './candidate.ts'
import { ignoreRejections } from './describe-value.ts'
import { isThenable } from './is-thenable.ts'
import type { Candidate } from './types.ts'

/**
 * The candidates of an answer as they come, whether that is a promise of them all or an async iterable
 *
 * @throws what `nonsense` makes of anything else
 */
export function oneByOne (answer: unknown, nonsense: (what: unknown) => Error): AsyncGenerator<Candidate> {
  // a dial that has ended reads no answer, and nobody else hears of its rejection
  if (isThenable(answer)) {
    ignoreRejections(answer)
  }

  return read(answer, nonsense)
}

async function * read (answer: unknown, nonsense: (what: unknown) => Error): AsyncGenerator<Candidate> {
  const all = isAsyncIterable(answer) ? answer : await answer

  if (!isReadable(all)) {
    throw nonsense(all)
  }

  for await (const one of all) {
    if (!isCandidate(one)) {
      throw nonsense(one)
    }

    yield one
  }
}

/** The loop would await promises in an array one after another: those behind one that rejects would have no handler */
function isReadable (all: unknown): all is readonly Candidate[] | AsyncIterable<unknown> {
  return Array.isArray(all) ? all.every(isCandidate) : isAsyncIterable(all)
}

export function isAsyncIterable (value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function'
}
