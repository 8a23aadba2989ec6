import { candidate } from '../../../src/pipeline/candidate.ts'
import { sleep } from '../../../src/pipeline/clock.ts'
import { filter } from '../../../src/pipeline/filter.ts'
import { check } from '../../../src/pipeline/observe.ts'
import { pace } from '../../../src/pipeline/pace.ts'
import { order } from '../../../src/pipeline/rank.ts'
import { each, lists } from './by-hand.ts'
import type { Case } from './case.ts'
import type { Candidate, List } from '../../../src/pipeline/types.ts'

const LOADED = Date.now()

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
  },
  {
    name: 'a stage that clones candidates',
    breaks: [5],
    make: () => each(list => ({ ...list, candidates: list.candidates.map(one => Object.freeze({ ...one })) }))
  },
  {
    name: 'a stage that makes a candidate anew for every list',
    breaks: [5],
    make: () => each((list, dial) => ({
      ...list,
      candidates: list.candidates.map(({ multiaddr }) => candidate(multiaddr, dial.target.peerId, { provenance: [{ source: 'by-hand' }] }))
    }))
  },
  {
    name: 'a stage that throws away the pace',
    breaks: [6],
    make: () => each(({ kind, candidates, complete, revision }) => ({ kind, candidates, complete, revision }))
  },
  {
    name: 'a pace that is not pure',
    breaks: [6],
    make: () => {
      let asked = 0

      return pace('by-hand', () => ({ untried: [one], now }) => one == null ? undefined : { candidate: one, at: now + asked++ })
    }
  },
  {
    name: 'a pace that starts what is in flight',
    breaks: [6],
    make: () => each(list => ({
      ...list,
      pace: ({ inFlight: [flight], untried: [one], now }) => {
        const first = flight?.candidate ?? one

        return first == null ? undefined : { candidate: first, at: now }
      }
    } satisfies List))
  },
  {
    name: 'a pace that gives no time',
    breaks: [6],
    make: () => each(list => ({ ...list, pace: ({ untried: [one] }) => one == null ? undefined : { candidate: one, at: Number.NaN } } satisfies List))
  },
  {
    name: 'a stage that waits for an outcome before it is complete',
    breaks: [7],
    make: () => each((list, dial) => ({ ...list, complete: list.complete && dial.outcomes.length > 0 }))
  },
  {
    name: 'a stage that waits for an outcome before it yields the rest',
    breaks: [7],
    andMore: true,
    make: () => {
      return lists(async function * (source, dial) {
        for await (const list of source) {
          yield { ...list, candidates: list.candidates.slice(0, 1), complete: false }

          while (dial.outcomes.length === 0) {
            await sleep(1_000, dial.clock, dial.signal)
          }

          yield list
        }
      })
    }
  },
  {
    name: 'a stage that yields what was withdrawn while it worked',
    breaks: [8],
    make: () => {
      return lists(async function * (source) {
        let held: readonly Candidate[] = []

        for await (const list of source) {
          const kept = held.filter(one => !list.candidates.includes(one))
          held = list.candidates
          yield list.candidates.length === 1 ? { ...list, candidates: [...list.candidates, ...kept] } : list
        }
      })
    }
  },
  {
    name: 'a stage that drops without a verdict',
    breaks: [9],
    make: () => check(each(list => ({ ...list, candidates: list.candidates.slice(1) })))
  },
  {
    name: 'a stage that drops without a reason',
    breaks: [9],
    make: () => filter('by-hand', ({ isCertified }) => isCertified || '')
  },
  {
    name: 'a stage that does not take back its verdict',
    breaks: [9],
    make: () => check(each((list, dial) => {
      list.candidates.slice(1).forEach(one => { dial.verdict(one, 'not the first') })

      return { ...list, candidates: list.candidates.slice(0, 1) }
    }))
  },
  {
    name: 'a stage that swallows the failure of the one above',
    breaks: [10],
    make: () => {
      return lists(async function * (source, dial) {
        try {
          yield * source
        } catch {
          dial.signal.throwIfAborted()
        }
      })
    }
  },
  {
    name: 'a stage that yields addresses as candidates',
    breaks: [10],
    andMore: true,
    make: () => each(list => ({ ...list, candidates: list.candidates.map(({ multiaddr }) => multiaddr) }))
  },
  {
    name: 'a stage that throws',
    breaks: [10],
    andMore: true,
    make: () => order('by-hand', () => { throw new Error('Broken') })
  },
  {
    name: 'a verdict by the platform\'s date',
    breaks: [11],
    make: () => filter('by-hand', () => Date.now() < LOADED + 60 * 60 * 1000)
  },
  {
    name: 'a stage that waits on the platform\'s timer',
    breaks: [11],
    make: () => {
      return lists(async function * (source) {
        for await (const list of source) {
          yield list
          setTimeout(() => {}, 1)
        }
      })
    }
  },
  {
    name: 'a verdict that changes with time and is not yielded',
    breaks: [11],
    make: () => each((list, dial) => dial.clock.now() > 1_700_000_000_000 + 60 * 60 * 1000 ? { ...list, candidates: list.candidates.slice(1) } : list)
  },
  {
    name: 'a wait that ignores the signal',
    breaks: [12, 13],
    make: () => {
      return lists(async function * (source, dial) {
        for await (const list of source) {
          yield { ...list, complete: false }
          await sleep(50, dial.clock, new AbortController().signal)
          yield list
        }
      })
    }
  },
  {
    name: 'a timer that goes on',
    breaks: [13],
    make: () => {
      return lists(async function * (source, dial) {
        const beat = (): void => { dial.clock.setTimeout(beat, 1_000) }
        beat()
        yield * source
      })
    }
  },
  {
    name: 'a listener that stays',
    breaks: [13],
    make: () => {
      return lists(async function * (source, dial) {
        dial.signal.addEventListener('abort', () => {})
        yield * source
      })
    }
  },
  {
    name: 'a source that is not closed',
    breaks: [13],
    make: () => {
      return lists(async function * (source) {
        const iterator = source[Symbol.asyncIterator]()

        for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
          yield next.value
        }
      })
    }
  },
  {
    name: 'an option that is not declared',
    breaks: [14],
    make: () => each((list, dial) => ({ ...list, candidates: list.candidates.slice('few' in dial.options ? 1 : 0) }))
  },
  {
    name: 'a stage without a name',
    breaks: [14],
    make: () => Object.defineProperty(() => each(list => list), 'name', { value: '' }) as any
  },
  {
    name: 'a stage that does not say what it accepts',
    breaks: [14],
    make: () => Object.assign(() => ({ run: (source: AsyncIterable<List>) => source }), { yields: 'candidates' }) as any
  }
]
