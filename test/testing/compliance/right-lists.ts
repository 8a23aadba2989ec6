import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { sleep } from '../../../src/pipeline/clock.ts'
import { filter } from '../../../src/pipeline/filter.ts'
import { react, Work } from '../../../src/pipeline/react.ts'
import { stage } from '../../../src/pipeline/stage.ts'
import { each, lists, source } from './by-hand.ts'
import type { Case } from './case.ts'
import type { Candidate, List } from '../../../src/pipeline/types.ts'

export const rightLists: Case[] = [
  { name: 'a stage that passes everything on', breaks: [], make: () => each(list => list) },
  { name: 'a stage that is the iterable above it', breaks: [], make: () => lists(source => source) },
  { name: 'a stage that drops, of which the runner says that it does', breaks: [], make: () => each(list => ({ ...list, candidates: list.candidates.filter(({ isCertified }) => isCertified) })) },
  { name: 'a stage that drops everything', breaks: [], make: () => each(list => ({ ...list, candidates: [] })) },
  { name: 'a stage that turns the list round', breaks: [], make: () => each(list => ({ ...list, candidates: list.candidates.toReversed() })) },
  { name: 'a filter that takes its time', breaks: [], make: () => filter('slow', async ({ isCertified }, dial) => sleep(500, dial.clock, dial.signal).then(() => isCertified)) },
  {
    name: 'a stage that looks at outcomes when it is asked',
    breaks: [],
    make: () => each((list, dial) => ({ ...list, candidates: list.candidates.slice(0, dial.outcomes.length + 2) }))
  },
  {
    name: 'a verdict that changes with time, and is yielded then',
    breaks: [],
    fixture: { revises: true },
    make: () => {
      return lists(async function * (source, dial) {
        const work = new Work()
        const from = dial.clock.now() + 1_000
        const cancel = dial.clock.setTimeout(() => { work.changed() }, 1_000)

        try {
          yield * react<List, List>(source, dial.signal, work, list => dial.clock.now() >= from ? list : { ...list, candidates: list.candidates.slice(1) })
        } finally {
          cancel()
        }
      })
    }
  },
  {
    name: 'the same, of a stage that is not said to change its mind',
    breaks: [2, 3],
    make: () => {
      return lists(async function * (source, dial) {
        const work = new Work()
        const from = dial.clock.now() + 1_000
        const cancel = dial.clock.setTimeout(() => { work.changed() }, 1_000)

        try {
          yield * react<List, List>(source, dial.signal, work, list => dial.clock.now() >= from ? list : { ...list, candidates: list.candidates.slice(1) })
        } finally {
          cancel()
        }
      })
    }
  },
  {
    name: 'a source of one address',
    breaks: [],
    make: () => {
      return source(async function * (targets, dial) {
        let found: Candidate | undefined

        for await (const { revision } of targets) {
          found ??= candidate(multiaddr('/ip4/203.0.113.9/tcp/1'), dial.target.peerId)
          yield { kind: 'candidates', candidates: [found], complete: true, revision }
        }
      })
    }
  },
  {
    name: 'a stage with an option that it declares',
    breaks: [],
    fixture: { options: { few: true } as any },
    make: () => stage({
      name: 'few',
      accepts: ['candidates'],
      yields: 'candidates',
      options: ['few'],
      run: async function * (source, dial) {
        for await (const list of source) {
          yield 'few' in dial.options ? { ...list, candidates: list.candidates.slice(0, 1) } : list
        }
      }
    })
  }
]
