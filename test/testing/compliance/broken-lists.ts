import { sleep } from '../../../src/pipeline/clock.ts'
import { each, lists } from './by-hand.ts'
import type { Case } from './case.ts'
import type { Candidate } from '../../../src/pipeline/types.ts'

export const brokenLists: Case[] = [
  {
    name: 'a stage that yields only what is new',
    breaks: [1, 8],
    make: () => {
      return lists(async function * (source) {
        const seen = new Set<string>()

        for await (const list of source) {
          const news = list.candidates.filter(({ id }) => !seen.has(id))
          news.forEach(({ id }) => seen.add(id))
          yield { ...list, candidates: news }
        }
      })
    }
  },
  {
    name: 'a stage that never forgets',
    breaks: [1, 8],
    make: () => {
      return lists(async function * (source) {
        const known = new Map<string, Candidate>()

        for await (const list of source) {
          list.candidates.forEach(one => known.set(one.id, one))
          yield { ...list, candidates: [...known.values()] }
        }
      })
    }
  },
  {
    name: 'a stage that sorts the list that it was given',
    breaks: [1],
    make: () => each(list => {
      (list.candidates as Candidate[]).reverse()

      return list
    })
  },
  {
    name: 'a stage that goes on writing to a list that it has yielded',
    breaks: [1],
    make: () => {
      return lists(async function * (source) {
        const candidates: Candidate[] = []

        for await (const list of source) {
          candidates.length = 0
          candidates.push(...list.candidates.slice(0, -list.revision || undefined))
          yield { ...list, candidates }
        }
      })
    }
  },
  {
    name: 'a stage that is complete with the first list',
    breaks: [2],
    make: () => each(list => ({ ...list, complete: true }))
  },
  {
    name: 'a stage that is complete while it works',
    breaks: [2],
    make: () => {
      return lists(async function * (source, dial) {
        for await (const list of source) {
          yield { ...list, candidates: [] }
          await sleep(50, dial.clock, dial.signal)
          yield list
        }
      })
    }
  },
  {
    name: 'a stage that is never complete',
    breaks: [2],
    make: () => each(list => ({ ...list, complete: false }))
  },
  {
    name: 'a stage that holds the list back while it works',
    breaks: [2, 3],
    make: () => {
      return lists(async function * (source, dial) {
        for await (const list of source) {
          await sleep(50, dial.clock, dial.signal)
          yield list
        }
      })
    }
  },
  {
    name: 'a stage that ends with the first complete list',
    breaks: [3],
    make: () => {
      return lists(async function * (source) {
        for await (const list of source) {
          yield list

          if (list.complete) {
            return
          }
        }
      })
    }
  },
  {
    name: 'a stage that memoises the list',
    breaks: [3],
    make: () => {
      return lists(async function * (source) {
        let last = ''

        for await (const list of source) {
          const text = list.candidates.map(({ id }) => id).join()

          if (text !== last || list.candidates.length === 0) {
            last = text
            yield list
          }
        }
      })
    }
  },
  {
    name: 'a stage that outlives its source',
    breaks: [3],
    make: () => {
      return lists(async function * (source, dial) {
        yield * source
        await new Promise<void>((_resolve, reject) => {
          dial.signal.addEventListener('abort', () => { reject(dial.signal.reason) }, { once: true })
        })
      })
    }
  },
  {
    name: 'a stage that ends with its source and loses what it works on',
    breaks: [3, 13],
    make: () => {
      return lists(async function * (source, dial) {
        const iterator = source[Symbol.asyncIterator]()
        let next = iterator.next()

        while (true) {
          const { done, value: list } = await next

          if (done === true) {
            return
          }

          yield { ...list, candidates: list.candidates.slice(0, 1), complete: false }
          next = iterator.next()
          const over = await Promise.race([next.then(({ done }) => done === true), sleep(50, dial.clock, dial.signal).then(() => false)])

          if (!over) {
            yield list
          }
        }
      })
    }
  },
  {
    name: 'a stage that swallows the revision',
    breaks: [3, 4],
    make: () => each(list => ({ ...list, revision: 0 }))
  },
  {
    name: 'a stage that takes the revision from the dial',
    breaks: [4],
    make: () => each((list, dial) => ({ ...list, revision: dial.target.revision }))
  }
]
