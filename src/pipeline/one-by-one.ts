import { isCandidate } from './candidate.ts'
import type { Candidate } from './types.ts'

/**
 * The candidates of an answer as they come, whether that is a promise of them all or an async iterable
 *
 * @throws what `nonsense` makes of anything else
 */
export function oneByOne (answer: unknown, nonsense: (what: unknown) => Error): AsyncGenerator<Candidate> {
  // a dial that has ended reads no answer, and nobody else hears of its rejection
  if (answer instanceof Promise) {
    answer.catch(() => {})
  }

  return read(answer, nonsense)
}

async function * read (answer: unknown, nonsense: (what: unknown) => Error): AsyncGenerator<Candidate> {
  const all = isAsyncIterable(answer) ? answer : await answer

  if (!Array.isArray(all) && !isAsyncIterable(all)) {
    throw nonsense(all)
  }

  for await (const one of all) {
    if (!isCandidate(one)) {
      throw nonsense(one)
    }

    yield one
  }
}

export function isAsyncIterable (value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
