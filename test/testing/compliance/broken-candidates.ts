import { candidate } from '../../../src/pipeline/candidate.ts'
import { sleep } from '../../../src/pipeline/clock.ts'
import { filter } from '../../../src/pipeline/filter.ts'
import { check } from '../../../src/pipeline/observe.ts'
import { pace } from '../../../src/pipeline/pace.ts'
import { each, lists } from './by-hand.ts'
import type { Case } from './case.ts'
import type { Candidate, List } from '../../../src/pipeline/types.ts'

export const brokenCandidates: Case[] = [
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
  }
]
