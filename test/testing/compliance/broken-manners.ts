import { sleep } from '../../../src/pipeline/clock.ts'
import { filter } from '../../../src/pipeline/filter.ts'
import { order } from '../../../src/pipeline/rank.ts'
import { each, lists } from './by-hand.ts'
import type { Case } from './case.ts'
import type { List } from '../../../src/pipeline/types.ts'

const LOADED = Date.now()

export const brokenManners: Case[] = [
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
